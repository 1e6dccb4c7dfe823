import { channels } from '../channels.js';
import type { FeedbackCloseReason, FeedbackEnds, FeedbackTaskStatus, LoggedFeedbackEvent } from '../feedback.js';
import { storableText } from '../storable-text.js';
import type { Query } from './query.js';

/** By how much the numbers of a task change. */
export type CountChanges = Partial<Readonly<Record<keyof typeof countColumns, number>>>;

const countColumns = {
  items: 'item_count',
  gold: 'gold_count',
  settled: 'settled_count',
  answers: 'answer_count',
  goldAnswers: 'gold_answer_count',
  repeats: 'repeat_count',
  skips: 'skip_count',
  flags: 'flag_count',
} as const;

/** What decides whether a task goes on. */
export interface TaskState {
  readonly id: string;
  readonly kind: string;
  readonly status: FeedbackTaskStatus;
  readonly ends: FeedbackEnds;
  readonly itemCount: number;
  readonly settledCount: number;
  readonly answerCount: number;
  /** How many items were settled when agreement was last computed for its end. */
  readonly agreementSettled: number;
  /** Whether its overlap was changed, and not all its items are judged by it. */
  readonly isJudgedAnew: boolean;
}

/**
 * Appends events to a task's log, and counts what they tell of. `seq` comes from the task's row, whose lock is held
 * until COMMIT, so that a reader who goes by "seq > last seen" skips nothing; so it comes last in a transaction.
 */
export async function appendFeedbackEvents(
  query: Query,
  taskId: string,
  events: readonly LoggedFeedbackEvent[],
  changes: CountChanges = {},
): Promise<TaskState> {
  const counts = Object.entries(changes) as [keyof typeof countColumns, number][];
  const sets = counts.map(([name], i) => `, ${countColumns[name]} = ${countColumns[name]} + $${i + 3}`).join('');
  const [state] = await query<TaskState>(
    `WITH advanced AS (
       UPDATE feedback_tasks SET last_seq = last_seq + cardinality($2::text[])${sets} WHERE id = $1
    RETURNING id, kind, status, ends, last_seq, item_count, settled_count, answer_count, agreement_settled, judged_to
     ), written AS (
       INSERT INTO feedback_events (task_id, seq, payload)
       SELECT id, last_seq - cardinality($2::text[]) + ordinal, payload::jsonb
         FROM advanced, unnest($2::text[]) WITH ORDINALITY AS event (payload, ordinal)
     )
     SELECT id, kind, status, ends, item_count::float8 AS "itemCount", settled_count::float8 AS "settledCount",
            answer_count::float8 AS "answerCount", agreement_settled::float8 AS "agreementSettled",
            judged_to IS NOT NULL AS "isJudgedAnew",
            pg_notify('${channels.feedbackEvents}', id || ':' || last_seq) IS NULL AS told
       FROM advanced`,
    [taskId, events.map(storablePayload), ...counts.map(([, change]) => change)],
  );
  if (state === undefined) throw new Error(`The feedback task ${taskId} does not exist.`);
  return state;
}

/** Which status may follow which. */
const transitions: Readonly<Record<FeedbackTaskStatus, readonly FeedbackTaskStatus[]>> = {
  PREPARING: ['OPEN', 'PAUSED', 'CLOSED', 'FAILED'],
  OPEN: ['PAUSED', 'CLOSED'],
  PAUSED: ['OPEN', 'CLOSED'],
  CLOSED: [],
  FAILED: [],
};

/**
 * Changes a task's status, and tells its log. The caller holds the task's lock, so that each answer was given before
 * `closed_at` or after it.
 * @returns whether the status may follow the present one; if not, nothing has changed
 */
export async function changeTaskStatus(
  query: Query,
  task: Pick<TaskState, 'id' | 'status'>,
  to: FeedbackTaskStatus,
  reason: FeedbackCloseReason | null,
): Promise<boolean> {
  if (!transitions[task.status].includes(to)) return false;
  await query(
    `UPDATE feedback_tasks
        SET status = $2, closed_reason = $3,
            opened_at = CASE WHEN $2 = 'OPEN' THEN coalesce(opened_at, now()) ELSE opened_at END,
            closed_at = CASE WHEN $2 IN ('CLOSED', 'FAILED') THEN clock_timestamp() END
      WHERE id = $1`,
    [task.id, to, reason],
  );
  await appendFeedbackEvents(query, task.id, [{ kind: 'statusChanged', from: task.status, to, reason }]);
  return true;
}

/** People may write what PostgreSQL can not store. */
function storablePayload(event: LoggedFeedbackEvent): string {
  return JSON.stringify(event, (_, value: unknown) => (typeof value === 'string' ? storableText(value) : value));
}
