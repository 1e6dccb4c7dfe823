import { createKeyLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import {
  type DatasetExportRow,
  datasetExportsByIds,
  exportsOfFeedbackTask,
  exportsOfVersion,
} from './dataset-export.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly datasetExports: ReturnType<typeof createDatasetExportLoaders>;
  }
  interface LiveFeeds {
    /** An export as it is now, then after each change, until it has ended. */
    datasetExport(datasetExportId: string): AsyncIterable<DatasetExportRow>;
  }
}

export function createDatasetExportLoaders(query: Query) {
  return {
    byId: createKeyLoader<DatasetExportRow>(
      (ids) => datasetExportsByIds(query, ids),
      (row) => row.id,
    ),
    ofFeedbackTask: createChildPageLoader<DatasetExportRow>(query, exportsOfFeedbackTask),
    ofVersion: createChildPageLoader<DatasetExportRow>(query, exportsOfVersion),
  };
}
