import type { RunStatus } from '../protocol/run-status.js';
import type { Query } from '../protocol/sql/query.js';

export interface StatusCountRow {
  readonly projectId: string;
  readonly status: RunStatus;
  readonly experimentCount: number;
}

/** How many experiments of each project are in each status that has any. `archived` null: archived or not. */
export function statusCounts(
  query: Query,
  projectIds: readonly string[],
  archived: boolean | null,
): Promise<StatusCountRow[]> {
  return query(
    `SELECT e.project_id AS "projectId", r.status, count(*)::float8 AS "experimentCount"
       FROM experiments e JOIN runs r ON r.experiment_id = e.id
      WHERE e.project_id = ANY($1::uuid[]) AND ($2::boolean IS NULL OR (e.archived_at IS NOT NULL) = $2)
      GROUP BY e.project_id, r.status`,
    [projectIds, archived],
  );
}

export interface QueuePositionRow {
  readonly runId: string;
  readonly position: number;
}

/** The places of queued runs among all that wait, in the order in which workers claim them; others are left out. */
export function queuePositions(query: Query, runIds: readonly string[]): Promise<QueuePositionRow[]> {
  return query(
    `SELECT run_id AS "runId", position FROM (
       SELECT run_id, row_number() OVER (ORDER BY priority DESC, created_at, id)::int AS position
         FROM jobs WHERE lane = 'training' AND state = 'queued') AS waiting
      WHERE run_id = ANY($1::uuid[])`,
    [runIds],
  );
}
