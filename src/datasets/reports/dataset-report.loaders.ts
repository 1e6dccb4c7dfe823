import { createKeyLoader } from '../../database/by-key.js';
import { createChildPageLoader } from '../../database/child-pages.js';
import type { Query } from '../../protocol/sql/query.js';
import { type DatasetReportRow, datasetReportsByIds, reportsOfVersion } from './dataset-report.reads.js';

declare module '../../access/context.js' {
  interface Loaders {
    readonly datasetReports: ReturnType<typeof createDatasetReportLoaders>;
  }
  interface LiveFeeds {
    /** A report as it is now, then after each change, until it has ended. */
    datasetReport(reportId: string): AsyncIterable<DatasetReportRow>;
  }
}

export function createDatasetReportLoaders(query: Query) {
  return {
    byId: createKeyLoader<DatasetReportRow>(
      (ids) => datasetReportsByIds(query, ids),
      (row) => row.id,
    ),
    ofVersion: createChildPageLoader<DatasetReportRow>(query, reportsOfVersion),
  };
}
