import type { Scope } from '../access/rights.js';
import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import type { ExportedFile, TransferStatus } from '../protocol/job.js';
import type { ExportRowsProgress, LeftOutRow } from '../protocol/preparation/export-job.js';
import type { RowExport } from '../protocol/preparation/row-export.js';
import type { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';

export interface DatasetExportRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  /** Null: it is one of answers. */
  readonly datasetVersionId: string | null;
  /** Null: it is one of a version. */
  readonly feedbackTaskId: string | null;
  /** The name of its file; of several files, what their names begin with. */
  readonly name: string;
  readonly request: RowExport;
  readonly filePerSplit: boolean;
  readonly rowsToWrite: number;
  readonly status: TransferStatus;
  /** Whether cancellation was requested and the work has not ended yet. */
  readonly canceling: boolean;
  readonly progress: ExportRowsProgress | null;
  readonly problem: Problem | null;
  readonly files: readonly ExportedFile[] | null;
  readonly rowCount: number | null;
  readonly leftOutCount: number | null;
  readonly leftOut: readonly LeftOutRow[] | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** What whoever reads the files may do in the project: annotators do not see what others say in a task. */
export function neededFor({ datasetVersionId }: Pick<DatasetExportRow, 'datasetVersionId'>): Scope {
  return datasetVersionId === null ? 'TRAIN' : 'READ';
}

const columns = `x.id, x.project_id AS "projectId", x.created_by AS "createdBy",
  x.dataset_version_id AS "datasetVersionId", x.feedback_task_id AS "feedbackTaskId", x.name, x.request, x.file_per_split AS "filePerSplit",
  x.rows_to_write::float8 AS "rowsToWrite", x.status,
  x.desired = 'CANCEL' AND x.status IN ('QUEUED', 'RUNNING') AS canceling, x.progress, x.problem, x.files,
  x.row_count::float8 AS "rowCount", x.left_out_count::float8 AS "leftOutCount", x.left_out AS "leftOut",
  x.created_at AS "createdAt", x.started_at AS "startedAt", x.finished_at AS "finishedAt"`;

export function datasetExportsByIds(query: Query, ids: readonly string[]): Promise<DatasetExportRow[]> {
  return query(`SELECT ${columns} FROM dataset_exports x WHERE x.id = ANY($1::uuid[])`, [ids]);
}

export const exportsOfFeedbackTask: ChildList = {
  ...newestFirst('x'),
  select: columns,
  from: 'dataset_exports x',
  parent: { column: 'x.feedback_task_id', type: 'uuid' },
};

export const exportsOfVersion: ChildList = {
  ...newestFirst('x'),
  select: columns,
  from: 'dataset_exports x',
  parent: { column: 'x.dataset_version_id', type: 'uuid' },
};
