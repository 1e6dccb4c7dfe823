import type { ChildList } from '../database/child-pages.js';
import { type Sql, sql } from '../database/sql.js';
import { LoggedFeedbackEvent } from '../protocol/feedback.js';
import type { Query } from '../protocol/sql/query.js';

/** An event of a task's log. */
export interface StoredFeedbackEvent {
  readonly taskId: string;
  readonly projectId: string;
  readonly seq: number;
  readonly at: Date;
  readonly event: LoggedFeedbackEvent;
}

/** An event as a list of them reads it. */
export interface FeedbackEventRow {
  readonly taskId: string;
  readonly projectId: string;
  readonly seq: number;
  readonly at: Date;
  readonly payload: unknown;
}

const columns = 'v.task_id AS "taskId", t.project_id AS "projectId", v.seq::float8 AS seq, v.at, v.payload';
const tables = 'feedback_events v JOIN feedback_tasks t ON t.id = v.task_id';

export const eventsOfFeedbackTask: ChildList = {
  select: columns,
  from: tables,
  parent: { column: 'v.task_id', type: 'uuid' },
  sort: [{ column: 'v.seq', type: 'bigint' }],
  direction: 'ASC',
};

/**
 * Whether an event is about the whole task, or what this person did. What became of an item is neither: it would tell
 * whether others said the same.
 */
export function concernsPerson(event: LoggedFeedbackEvent, userId: string): boolean {
  return 'userId' in event ? event.userId === userId : event.kind === 'itemsAdded' || event.kind === 'statusChanged';
}

/** The same as a condition on `feedback_events v`. */
export function isOfPerson(userId: string): Sql {
  return sql`(v.payload ->> 'userId' = ${userId}::text OR v.payload ->> 'kind' IN ('itemsAdded', 'statusChanged'))`;
}

export function toStoredFeedbackEvent({ payload, ...row }: FeedbackEventRow): StoredFeedbackEvent {
  return { ...row, event: LoggedFeedbackEvent.parse(payload) };
}

/** One page of a task's log, in order of seq, starting after `afterSeq`. */
export async function readFeedbackEvents(
  query: Query,
  taskId: string,
  afterSeq: number,
  limit: number,
): Promise<readonly StoredFeedbackEvent[]> {
  const rows = await query<FeedbackEventRow>(
    `SELECT ${columns} FROM ${tables} WHERE v.task_id = $1 AND v.seq > $2 ORDER BY v.seq LIMIT $3`,
    [taskId, afterSeq, limit],
  );
  return rows.map(toStoredFeedbackEvent);
}

/** The ends of tasks' logs. A closed task may still get late answers, so that no log has an end of its own. */
export function readFeedbackEnds(
  query: Query,
  taskIds: readonly string[],
): Promise<readonly { readonly ownerId: string; readonly lastSeq: number; readonly closed: boolean }[]> {
  return query(
    `SELECT id AS "ownerId", last_seq::float8 AS "lastSeq", false AS closed FROM feedback_tasks WHERE id = ANY($1)`,
    [taskIds],
  );
}
