import type { ChildList } from '../../database/child-pages.js';
import { newestFirst } from '../../database/newest-first.js';
import type { TransferStatus } from '../../protocol/job.js';
import type { ReportedFacts, ReportProgress } from '../../protocol/preparation/report-job.js';
import type { Problem } from '../../protocol/run-event.js';
import type { Query } from '../../protocol/sql/query.js';

export interface DatasetReportRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly datasetVersionId: string;
  readonly comparedWithId: string | null;
  readonly facts: ReportedFacts | null;
  /** The model by whose features texts are compared; null: by hashed words. */
  readonly featureModelId: string | null;
  readonly status: TransferStatus;
  /** Whether cancellation was requested and the work has not ended yet. */
  readonly canceling: boolean;
  readonly progress: ReportProgress | null;
  readonly problem: Problem | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const columns = `r.id, r.project_id AS "projectId", r.created_by AS "createdBy",
  r.dataset_version_id AS "datasetVersionId", r.compared_with_id AS "comparedWithId", r.facts,
  r.request -> 'featureModel' ->> 'modelId' AS "featureModelId", r.status,
  r.desired = 'CANCEL' AND r.status IN ('QUEUED', 'RUNNING') AS canceling, r.progress, r.problem,
  r.created_at AS "createdAt", r.started_at AS "startedAt", r.finished_at AS "finishedAt"`;

export function datasetReportsByIds(query: Query, ids: readonly string[]): Promise<DatasetReportRow[]> {
  return query(`SELECT ${columns} FROM dataset_reports r WHERE r.id = ANY($1::uuid[])`, [ids]);
}

export const reportsOfVersion: ChildList = {
  ...newestFirst('r'),
  select: columns,
  from: 'dataset_reports r',
  parent: { column: 'r.dataset_version_id', type: 'uuid' },
};
