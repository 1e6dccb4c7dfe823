import type { Query } from '../protocol/sql/query.js';
import type { PickedBy } from './feedback-claim.reads.js';
import type { FeedbackTaskRow } from './feedback-task.reads.js';

/** An item that is locked until the transaction ends. */
export interface PickedItem {
  readonly itemId: string;
  /** Keys of its answers, as they were given. */
  readonly keys: readonly string[];
  readonly repetition: number;
  readonly picked: PickedBy;
  readonly propensity: number;
}

/** Keys of the answers of an item `i`. */
const keys = `ARRAY(SELECT answer ->> 'key' FROM jsonb_array_elements(i.content -> 'answers') AS answer) AS keys`;

/**
 * The items that $2 may get in the task $1: those that need answers, leases of others counted in, and that $2 has
 * neither answered nor skipped. An item whose lease $2 let end is among them.
 */
const open = `
  WITH leased AS (
    SELECT item_id, count(*)::int AS count FROM feedback_claims
     WHERE task_id = $1 AND state = 'CLAIMED' AND repetition = 0 AND expires_at > clock_timestamp()
     GROUP BY item_id
  ), seen AS (
    SELECT item_id FROM feedback_claims WHERE task_id = $1 AND user_id = $2 AND state <> 'CLAIMED'
  ), open AS MATERIALIZED (
    SELECT i.id, i.position, i.priority FROM feedback_items i LEFT JOIN leased ON leased.item_id = i.id
     WHERE i.task_id = $1 AND i.settled_at IS NULL AND i.gold IS NULL
       AND i.answer_count + coalesce(leased.count, 0) < i.wanted
       AND i.id NOT IN (SELECT item_id FROM seen)
  )`;

/** By how the task goes through its items. */
const inOrder: Readonly<Record<FeedbackTaskRow['order'], string>> = {
  AS_GIVEN: 'open.position',
  RANDOM: 'random()',
};

/**
 * Picks the next item of the task for a person: the first in its order or, for its random share, any of them. The
 * propensity is ε/n + (1 − ε) for the first of n items, and ε/n for the others. Items that others are being given at
 * this moment are passed over, so that nobody waits for them, unless there are no others.
 */
export async function pickOpenItem(
  query: Query,
  task: Pick<FeedbackTaskRow, 'id' | 'order' | 'randomShare'>,
  userId: string,
  isDrawn: boolean,
): Promise<PickedItem | null> {
  const { randomShare } = task;
  const isRandom = isDrawn || task.order === 'RANDOM';
  const order = isRandom ? 'random()' : inOrder[task.order];
  for (const lock of ['FOR NO KEY UPDATE OF i SKIP LOCKED', 'FOR NO KEY UPDATE OF i']) {
    const [found] = await query<{ itemId: string; keys: string[]; isFirst: boolean; count: number }>(
      `${open}
       SELECT i.id AS "itemId", ${keys}, (SELECT count(*)::float8 FROM open) AS count,
              i.position = (SELECT min(position) FROM open) AS "isFirst"
         FROM open JOIN feedback_items i ON i.id = open.id
        ORDER BY ${order} LIMIT 1 ${lock}`,
      [task.id, userId],
    );
    if (found === undefined) continue;
    const { itemId, isFirst, count } = found;
    const inTurn = task.order === 'RANDOM' ? 0 : !isRandom || isFirst ? 1 - randomShare : 0;
    const share = task.order === 'RANDOM' ? 1 : randomShare;
    const propensity = share / count + inTurn;
    return { itemId, keys: found.keys, repetition: 0, picked: isRandom ? 'RANDOM' : 'ORDER', propensity };
  }
  return null;
}

/** Any gold item that the person has not had; null: there is none left. */
export async function pickGoldItem(query: Query, taskId: string, userId: string): Promise<PickedItem | null> {
  const [found] = await query<{ itemId: string; keys: string[]; count: number }>(
    `WITH left_over AS MATERIALIZED (
       SELECT i.id FROM feedback_items i
        WHERE i.task_id = $1 AND i.gold IS NOT NULL
          AND NOT EXISTS (SELECT FROM feedback_claims c WHERE c.item_id = i.id AND c.user_id = $2 AND c.state <> 'CLAIMED')
     )
     SELECT i.id AS "itemId", ${keys}, (SELECT count(*)::float8 FROM left_over) AS count
       FROM left_over JOIN feedback_items i ON i.id = left_over.id ORDER BY random() LIMIT 1`,
    [taskId, userId],
  );
  if (found === undefined) return null;
  return { itemId: found.itemId, keys: found.keys, repetition: 0, picked: 'GOLD', propensity: 1 / found.count };
}

/** How many other items a person answers before one comes again. */
const leastBetween = 5;

/** Any item that the person answered before, once, and some others since; null: there is none. */
export async function pickAnsweredItem(query: Query, taskId: string, userId: string): Promise<PickedItem | null> {
  const [found] = await query<{ itemId: string; keys: string[]; count: number }>(
    `WITH answered AS MATERIALIZED (
       SELECT c.item_id, row_number() OVER (ORDER BY c.ended_at DESC) AS ago
         FROM feedback_claims c
        WHERE c.task_id = $1 AND c.user_id = $2 AND c.state = 'ANSWERED' AND c.repetition = 0 AND c.picked <> 'GOLD'
     ), left_over AS MATERIALIZED (
       SELECT item_id FROM answered
        WHERE ago > ${leastBetween}
          AND NOT EXISTS (SELECT FROM feedback_claims c
                           WHERE c.item_id = answered.item_id AND c.user_id = $2 AND c.repetition = 1 AND c.state <> 'CLAIMED')
     )
     SELECT i.id AS "itemId", ${keys}, (SELECT count(*)::float8 FROM left_over) AS count
       FROM left_over JOIN feedback_items i ON i.id = left_over.item_id ORDER BY random() LIMIT 1`,
    [taskId, userId],
  );
  if (found === undefined) return null;
  return { itemId: found.itemId, keys: found.keys, repetition: 1, picked: 'REPEAT', propensity: 1 / found.count };
}

/** Whether there are items that others hold, and this person may get; and when the first of these holds ends. */
export async function heldByOthers(
  query: Query,
  taskId: string,
  userId: string,
): Promise<{ readonly isHeld: boolean; readonly freeAt: Date | null }> {
  const [found] = await query<{ isHeld: boolean; freeAt: Date | null }>(
    `SELECT count(*) > 0 AS "isHeld", min(c.expires_at) AS "freeAt"
       FROM feedback_items i LEFT JOIN feedback_claims c
         ON c.item_id = i.id AND c.state = 'CLAIMED' AND c.repetition = 0 AND c.expires_at > clock_timestamp()
      WHERE i.task_id = $1 AND i.settled_at IS NULL AND i.gold IS NULL
        AND NOT EXISTS (SELECT FROM feedback_claims own WHERE own.item_id = i.id AND own.user_id = $2 AND own.state <> 'CLAIMED')`,
    [taskId, userId],
  );
  return found!;
}
