import { categoryCount } from '../protocol/feedback/categories.js';
import type { FeedbackItemContent, FeedbackOverlap, LoggedFeedbackEvent } from '../protocol/feedback.js';
import { appendFeedbackEvents } from '../protocol/sql/feedback-log.js';
import type { Query } from '../protocol/sql/query.js';
import { closeIfEnded } from './close-ended.js';
import { type FeedbackTaskRow, lockFeedbackTask } from './feedback-task.reads.js';
import { type ItemState, judgeItem } from './judge-item.js';

/** Items of one transaction, for the time of which nobody answers them. */
export const itemsJudgedAtATime = 1_000;

/** Gives a task, whose lock the caller holds, another overlap. Its items are judged by it from now on, or anew. */
export async function changeOverlap(query: Query, taskId: string, overlap: FeedbackOverlap): Promise<void> {
  await query('UPDATE feedback_tasks SET overlap = $2, judged_to = 0, agreement_settled = 0 WHERE id = $1', [
    taskId,
    JSON.stringify(overlap),
  ]);
}

/** What has become of a task whose items are judged anew. */
export interface Judging {
  /** Whether all its items are judged, or it has ended. */
  readonly isDone: boolean;
  /** Whether its agreement is to be looked at once the transaction is committed. */
  readonly isDue: boolean;
}

/**
 * Judges the next items of a task by its present overlap, in the caller's transaction. Any process may do so: what two
 * of them take at once, one of them judges.
 */
export async function judgeNextItems(query: Query, taskId: string): Promise<Judging> {
  const judgedTo = await judgedToOf(query, taskId);
  if (judgedTo === null) return done;
  // In the order in which answers take locks: items first, then the task.
  const found = await query<{ id: string; position: number }>(
    `SELECT id, position::float8 AS position FROM feedback_items WHERE task_id = $1 AND position > $2
      ORDER BY position LIMIT ${itemsJudgedAtATime}`,
    [taskId, judgedTo],
  );
  const ids = found.map(({ id }) => id);
  await query('SELECT 1 FROM feedback_items WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE', [ids]);
  const task = await lockFeedbackTask(query, taskId);
  if (task === null) return done;
  // Another process was faster, or the overlap was changed again: what is next is found out once more.
  if ((await judgedToOf(query, taskId)) !== judgedTo) return { isDone: false, isDue: false };
  if (task.status === 'CLOSED' || task.status === 'FAILED') {
    await query('UPDATE feedback_tasks SET judged_to = NULL WHERE id = $1', [taskId]);
    return done;
  }
  const judged = await judge(query, task, ids);
  const isDone = found.length < itemsJudgedAtATime;
  await query('UPDATE feedback_tasks SET judged_to = $2 WHERE id = $1', [
    taskId,
    isDone ? null : found.at(-1)!.position,
  ]);
  const state = await appendFeedbackEvents(query, taskId, judged.events, { settled: judged.settled });
  // Which items are settled is known once all are judged.
  return { isDone, isDue: isDone && (await closeIfEnded(query, state, state.settledCount)) };
}

const done: Judging = { isDone: true, isDue: false };

async function judgedToOf(query: Query, taskId: string): Promise<number | null> {
  const [task] = await query<{ judgedTo: number | null }>(
    'SELECT judged_to::float8 AS "judgedTo" FROM feedback_tasks WHERE id = $1',
    [taskId],
  );
  return task?.judgedTo ?? null;
}

interface JudgedItem {
  readonly id: string;
  readonly isSettled: boolean;
  readonly categories: readonly (string | null)[];
  readonly state: ItemState;
}

/**
 * Leaves out what no answers settled: gold, what was decided in a dispute, and pairs that a reward model judged or to
 * whose answers it gave equal rewards.
 * @returns what is to be told, and how many more items are settled, which may be below 0
 */
async function judge(
  query: Query,
  task: FeedbackTaskRow,
  ids: readonly string[],
): Promise<{ readonly events: readonly LoggedFeedbackEvent[]; readonly settled: number }> {
  const items = await query<Omit<JudgedItem, 'state'> & { readonly answers: FeedbackItemContent['answers'] }>(
    `SELECT i.id, i.settled_at IS NOT NULL AS "isSettled",
            CASE WHEN $2 THEN i.content -> 'answers' ELSE '[]' END AS answers,
            coalesce((SELECT json_agg(a.category ORDER BY a.created_at, a.id) FROM feedback_answers a
                       WHERE a.item_id = i.id AND a.counts), '[]') AS categories
       FROM feedback_items i
      WHERE i.id = ANY($1::uuid[]) AND i.gold IS NULL AND i.adjudicated IS NULL AND i.model_judgement IS NULL
        AND NOT (i.settled_at IS NOT NULL AND i.answer_count = 0)
      ORDER BY i.position`,
    [ids, task.question.kind === 'ranking'],
  );
  const judged: readonly JudgedItem[] = items.map((item) => ({
    ...item,
    state: judgeItem(task.overlap, item.categories, categoryCount(task.question, item)),
  }));
  await write(query, judged);
  const settled = judged.filter(({ isSettled, state }) => !isSettled && state.isSettled);
  const reopened = judged.filter(({ isSettled, state }) => isSettled && !state.isSettled);
  const events: LoggedFeedbackEvent[] = [
    ...settled.map(({ id, categories, state }) => ({
      kind: 'itemSettled' as const,
      itemId: id,
      answerCount: categories.length,
      category: state.likely?.category ?? null,
      probability: state.likely?.probability ?? null,
    })),
    ...reopened.map(({ id }) => ({ kind: 'itemReopened' as const, itemId: id })),
  ];
  return { events, settled: settled.length - reopened.length };
}

/** Writes what differs: of most items of a large task, nothing does. */
async function write(query: Query, judged: readonly JudgedItem[]): Promise<void> {
  const likely = ({ state }: JudgedItem): ItemState['likely'] => (state.isSettled ? state.likely : null);
  await query(
    `UPDATE feedback_items i
        SET wanted = j.wanted, settled_category = j.category, settled_probability = j.probability,
            settled_at = CASE WHEN j.settled THEN coalesce(i.settled_at, now()) END
       FROM unnest($1::uuid[], $2::int[], $3::boolean[], $4::text[], $5::float8[])
              AS j(id, wanted, settled, category, probability)
      WHERE i.id = j.id
        AND (i.wanted, i.settled_at IS NOT NULL, i.settled_category, i.settled_probability)
            IS DISTINCT FROM (j.wanted, j.settled, j.category, j.probability)`,
    [
      judged.map(({ id }) => id),
      judged.map(({ state }) => state.wanted),
      judged.map(({ state }) => state.isSettled),
      judged.map((item) => likely(item)?.category ?? null),
      judged.map((item) => likely(item)?.probability ?? null),
    ],
  );
}
