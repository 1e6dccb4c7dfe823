import { createKeyLoader, SelectingLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import { type AppendedExampleRow, appendedOfDataset } from './appended/appended-example.reads.js';
import {
  type DatasetRow,
  type DatasetVersionRow,
  datasetsByIds,
  datasetsOfProject,
  latestVersions,
  type RejectedRowRow,
  rejectedRowsOfVersion,
  versionsByIds,
  versionsFromVersion,
  versionsOfDataset,
  versionsOfProject,
} from './dataset.reads.js';
import { type UploadRow, uploadsByIds, uploadsOfProject } from './upload.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly datasets: ReturnType<typeof createDatasetLoaders>;
  }
}

export function createDatasetLoaders(query: Query) {
  return {
    byId: createKeyLoader<DatasetRow>(
      (ids) => datasetsByIds(query, ids),
      (row) => row.id,
    ),
    ofProject: createChildPageLoader<DatasetRow>(query, datasetsOfProject),
    versionById: new SelectingLoader<DatasetVersionRow>(
      (ids, select) => versionsByIds(query, ids, select),
      (row) => row.id,
    ),
    latestVersion: createKeyLoader<DatasetVersionRow>(
      (ids) => latestVersions(query, ids),
      (row) => row.datasetId,
    ),
    appendedExamples: createChildPageLoader<AppendedExampleRow>(query, appendedOfDataset),
    derivedVersions: createChildPageLoader<DatasetVersionRow>(query, versionsFromVersion),
    versionsOfDataset: createChildPageLoader<DatasetVersionRow>(query, versionsOfDataset),
    versionsOfProject: createChildPageLoader<DatasetVersionRow>(query, versionsOfProject),
    uploadById: createKeyLoader<UploadRow>(
      (ids) => uploadsByIds(query, ids),
      (row) => row.id,
    ),
    uploadsOfProject: createChildPageLoader<UploadRow>(query, uploadsOfProject),
    rejectedRows: createChildPageLoader<RejectedRowRow>(query, rejectedRowsOfVersion),
  };
}
