import type { Query } from '../protocol/sql/query.js';

/** The limits of a project; null: no limit. */
export interface QuotaRow {
  readonly projectId: string;
  readonly maxStorageBytes: number | null;
  readonly maxQueuedExperiments: number | null;
  readonly maxRunningExperiments: number | null;
  readonly maxFeedbackTasks: number | null;
  readonly maxFeedbackItems: number | null;
  readonly maxRecordedFeedback: number | null;
}

export function quotasByProjectIds(query: Query, projectIds: readonly string[]): Promise<QuotaRow[]> {
  return query(
    `SELECT id AS "projectId", max_storage_bytes::float8 AS "maxStorageBytes",
            max_queued_experiments AS "maxQueuedExperiments", max_running_experiments AS "maxRunningExperiments",
            max_feedback_tasks AS "maxFeedbackTasks", max_feedback_items::float8 AS "maxFeedbackItems",
            max_recorded_feedback::float8 AS "maxRecordedFeedback"
       FROM projects WHERE id = ANY($1::uuid[])`,
    [projectIds],
  );
}
