import type { Query } from './query.js';

/** What of people's feedback a project has, as its quotas limit it. */
export interface FeedbackUse {
  readonly projectId: string;
  /** Tasks that have not ended: being prepared, open or paused. */
  readonly tasks: number;
  /** Items of all tasks, those of gold and of closed tasks included. */
  readonly items: number;
  /** What applications recorded. */
  readonly records: number;
}

export type FeedbackQuota = 'tasks' | 'items' | 'records';

const columns: Readonly<Record<FeedbackQuota, string>> = {
  tasks: 'max_feedback_tasks',
  items: 'max_feedback_items',
  records: 'max_recorded_feedback',
};

const words: Readonly<Record<FeedbackQuota, string>> = {
  tasks: 'feedback tasks that have not ended',
  items: 'items of feedback tasks',
  records: 'records of feedback',
};

export const feedbackQuotaHints: Readonly<Record<FeedbackQuota, string>> = {
  tasks: 'Close a task. An administrator of the server can raise the quota with setProjectQuota.',
  items: 'Delete a task that is done with. An administrator of the server can raise the quota with setProjectQuota.',
  records:
    'Delete records that are done with. An administrator of the server can raise the quota with setProjectQuota.',
};

/** Of each project that exists. It reads the rows of its tasks, and counters: neither items nor records. */
export function feedbackOfProjects(query: Query, projectIds: readonly string[]): Promise<FeedbackUse[]> {
  return query(
    `SELECT p.id AS "projectId", t.tasks, t.items, r.records
       FROM projects p,
            LATERAL (SELECT count(*) FILTER (WHERE status IN ('PREPARING', 'OPEN', 'PAUSED'))::float8 AS tasks,
                            coalesce(sum(item_count + gold_count), 0)::float8 AS items
                       FROM feedback_tasks WHERE project_id = p.id) AS t,
            LATERAL (SELECT coalesce(sum(count), 0)::float8 AS records
                       FROM recorded_feedback_counts WHERE project_id = p.id) AS r
      WHERE p.id = ANY($1::uuid[])`,
    [projectIds],
  );
}

/**
 * Why the project has too much of something after the transaction's writes; null: it has not, or there is no quota. As
 * with other quotas the check comes last, and locks the project's row where there is one: of two transactions at once
 * the second sees what the first has added.
 */
export async function feedbackBeyondQuota(
  query: Query,
  projectId: string,
  what: FeedbackQuota,
): Promise<string | null> {
  const column = columns[what];
  const [project] = await query<{ max: number }>(
    `SELECT ${column}::float8 AS max FROM projects WHERE id = $1 AND ${column} IS NOT NULL FOR NO KEY UPDATE`,
    [projectId],
  );
  if (project === undefined) return null;
  const [use] = await feedbackOfProjects(query, [projectId]);
  const used = use?.[what] ?? 0;
  return used > project.max ? `The project would have ${used} ${words[what]}; it may have ${project.max}.` : null;
}
