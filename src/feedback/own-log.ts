import { may, type Viewer } from '../access/viewer.js';
import type { Query } from '../protocol/sql/query.js';
import type { FeedbackTaskRow } from './feedback-task.reads.js';

/**
 * Whether a viewer gets a log of their own: the events of the whole task, and those of what they did, with numbers of
 * their own. The numbers of the whole log would tell how much happened between two of them. It stays so when the task
 * is closed, so that numbers mean the same before and after; answers are then listed.
 */
export function hasOwnLog(viewer: Viewer, { projectId, blind }: Pick<FeedbackTaskRow, 'projectId' | 'blind'>): boolean {
  return blind && !may(viewer, 'TRAIN', projectId);
}

/** Two parts, each with an index of its own: what the person did, and what concerns the whole task. */
const ofPerson = `v.task_id = $1 AND v.payload ->> 'userId' = $2`;
const ofAll = `v.task_id = $1 AND v.payload ->> 'kind' IN ('itemsAdded', 'statusChanged')`;

/**
 * How many events of a person's own log have numbers up to `seq` in the whole log: the own number of the last of them.
 * @param seq null: of all
 */
export async function ownSeqOf(query: Query, taskId: string, userId: string, seq: number | null): Promise<number> {
  const upTo = 'AND ($3::bigint IS NULL OR v.seq <= $3)';
  const [row] = await query<{ count: number }>(
    `SELECT (SELECT count(*) FROM feedback_events v WHERE ${ofPerson} ${upTo})::float8
            + (SELECT count(*) FROM feedback_events v WHERE ${ofAll} ${upTo})::float8 AS count`,
    [taskId, userId, seq],
  );
  return row!.count;
}

/** The number in the whole log of the event with an own number; 0 of 0, and the log's end of greater ones. */
export async function wholeSeqOf(query: Query, taskId: string, userId: string, ownSeq: number): Promise<number> {
  if (ownSeq <= 0) return 0;
  const [row] = await query<{ seq: number }>(
    `SELECT coalesce(
       (SELECT seq FROM (SELECT v.seq FROM feedback_events v WHERE ${ofPerson}
                         UNION ALL SELECT v.seq FROM feedback_events v WHERE ${ofAll}) AS own
         ORDER BY seq OFFSET $3::bigint - 1 LIMIT 1),
       (SELECT last_seq FROM feedback_tasks WHERE id = $1), 0)::float8 AS seq`,
    [taskId, userId, ownSeq],
  );
  return row!.seq;
}
