import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import type { BatchFormat, BatchProgress, ResultColumn } from '../protocol/batch-prediction.js';
import type { ExportedFile, TransferStatus } from '../protocol/job.js';
import type { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';

export interface BatchPredictionRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly baseModelId: string;
  /** Null: the rows are those of an uploaded file, `sourceName`. */
  readonly datasetVersionId: string | null;
  readonly sourceName: string | null;
  readonly split: string | null;
  readonly textColumn: string;
  readonly pairColumn: string | null;
  readonly format: BatchFormat;
  readonly columns: readonly ResultColumn[];
  readonly fileName: string;
  readonly rowCount: number;
  readonly rejectedCount: number;
  readonly status: TransferStatus;
  /** Whether cancellation was requested and the work has not ended yet. */
  readonly canceling: boolean;
  readonly progress: BatchProgress | null;
  readonly problem: Problem | null;
  readonly files: readonly ExportedFile[] | null;
  readonly errorCount: number | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const columns = `b.id, b.project_id AS "projectId", b.created_by AS "createdBy", b.base_model_id AS "baseModelId",
  b.dataset_version_id AS "datasetVersionId", b.source_name AS "sourceName", b.split, b.text_column AS "textColumn",
  b.pair_column AS "pairColumn", b.format, b.columns, b.file_name AS "fileName", b.row_count::float8 AS "rowCount",
  b.rejected_count::float8 AS "rejectedCount", b.status,
  b.desired = 'CANCEL' AND b.status IN ('QUEUED', 'RUNNING') AS canceling, b.progress, b.problem, b.files,
  b.error_count::float8 AS "errorCount", b.created_at AS "createdAt", b.started_at AS "startedAt", b.finished_at AS "finishedAt"`;

export function batchPredictionsByIds(query: Query, ids: readonly string[]): Promise<BatchPredictionRow[]> {
  return query(`SELECT ${columns} FROM batch_predictions b WHERE b.id = ANY($1::uuid[])`, [ids]);
}

const newest: Pick<ChildList, 'select' | 'from' | 'sort' | 'direction'> = {
  ...newestFirst('b'),
  select: columns,
  from: 'batch_predictions b',
};

export const batchPredictionsOfProject: ChildList = { ...newest, parent: { column: 'b.project_id', type: 'uuid' } };

export const batchPredictionsOfModel: ChildList = { ...newest, parent: { column: 'b.base_model_id', type: 'uuid' } };
