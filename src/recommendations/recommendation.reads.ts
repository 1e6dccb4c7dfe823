import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import type { TransferStatus } from '../protocol/job.js';
import type { ModelRanking, RecommendProgress } from '../protocol/recommendation/recommend-job.js';
import type { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';

export interface RecommendationRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly datasetVersionId: string;
  readonly ranking: ModelRanking | null;
  readonly status: TransferStatus;
  /** Whether cancellation was requested and the work has not ended yet. */
  readonly canceling: boolean;
  readonly progress: RecommendProgress | null;
  readonly problem: Problem | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const columns = `r.id, r.project_id AS "projectId", r.created_by AS "createdBy",
  r.dataset_version_id AS "datasetVersionId", r.ranking, r.status,
  r.desired = 'CANCEL' AND r.status IN ('QUEUED', 'RUNNING') AS canceling, r.progress, r.problem,
  r.created_at AS "createdAt", r.started_at AS "startedAt", r.finished_at AS "finishedAt"`;

export function recommendationsByIds(query: Query, ids: readonly string[]): Promise<RecommendationRow[]> {
  return query(`SELECT ${columns} FROM model_recommendations r WHERE r.id = ANY($1::uuid[])`, [ids]);
}

export const recommendationsOfVersion: ChildList = {
  ...newestFirst('r'),
  select: columns,
  from: 'model_recommendations r',
  parent: { column: 'r.dataset_version_id', type: 'uuid' },
};

/** The models of a project that no experiment has made, newest first. */
export async function bareModelsOf(query: Query, projectId: string, most: number): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `SELECT id FROM base_models WHERE project_id = $1 AND produced_by_run_id IS NULL
      ORDER BY created_at DESC, id DESC LIMIT $2`,
    [projectId, most],
  );
  return rows.map(({ id }) => id);
}

/** Those of some models that an experiment made of a version of this dataset. */
export async function modelsLearntFrom(
  query: Query,
  datasetId: string,
  modelIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await query<{ id: string }>(
    `SELECT m.id
       FROM base_models m
       JOIN runs r ON r.id = m.produced_by_run_id
       JOIN experiments e ON e.id = r.experiment_id
       JOIN dataset_versions v ON v.id = e.dataset_version_id
      WHERE m.id = ANY($1::uuid[]) AND v.dataset_id = $2`,
    [modelIds, datasetId],
  );
  return new Set(rows.map(({ id }) => id));
}
