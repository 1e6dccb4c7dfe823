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

/** Leases in the task $1 that count against overlaps: one a person at most. */
const taken = `
  WITH leased AS MATERIALIZED (
    SELECT item_id, count(*)::int AS count FROM feedback_claims
     WHERE task_id = $1 AND state = 'CLAIMED' AND repetition = 0 AND expires_at > clock_timestamp()
     GROUP BY item_id
  )`;

/** Whether an item `i` needs answers at all. */
const unsettled = 'i.settled_at IS NULL AND i.gold IS NULL';

/** Whether $2 has neither answered nor skipped an item `i`: looked up item by item, not among all that they did. */
const unseen = `(SELECT true FROM feedback_claims own
  WHERE own.item_id = i.id AND own.user_id = $2 AND own.repetition = 0 AND own.state <> 'CLAIMED') IS NULL`;

/**
 * Whether $2 may get an item `i` that needs answers: leases of others counted in, and unless $2 has answered or skipped
 * it. An item whose lease $2 let end is among them.
 */
const free = `i.answer_count + coalesce((SELECT count FROM leased WHERE item_id = i.id), 0) < i.wanted AND ${unseen}`;

const passOver = 'FOR NO KEY UPDATE OF i SKIP LOCKED';
const waitFor = 'FOR NO KEY UPDATE OF i';

interface Found {
  readonly itemId: string;
  readonly keys: readonly string[];
  readonly position: number;
}
const found = `i.id AS "itemId", i.position::float8 AS position, ${keys}`;

type Pickable = Pick<FeedbackTaskRow, 'id' | 'order' | 'randomShare' | 'itemCount' | 'settledCount'>;

/** A column of the cursor of $2 in the task $1, before which there is nothing for them; of nobody's, the beginning. */
const cursor = (column: 'rank' | 'position', beginning: string): string =>
  `coalesce((SELECT ${column} FROM feedback_cursors WHERE task_id = $1 AND user_id = $2), ${beginning})`;

const given = { by: 'i.position', from: `i.position >= ${cursor('position', '0')}` };

/** The priorities of items say how unsure a model is of them, or in which order they cover all of them. */
const rank = `coalesce(-i.priority, 'Infinity')`;
const ranked = {
  by: `${rank}, i.position`,
  from: `(${rank}, i.position) >= (${cursor('rank', `'-Infinity'`)}, ${cursor('position', '0')})`,
};

/** How the task goes through its items `i`, and where it begins for $2. */
const inOrder: Readonly<Record<FeedbackTaskRow['order'], { readonly by: string; readonly from: string }>> = {
  AS_GIVEN: given,
  RANDOM: given,
  UNCERTAINTY: ranked,
  DIVERSITY: ranked,
  ENSEMBLE_DISAGREEMENT: ranked,
  PREDICTED_GAP: ranked,
  // Each answer changes the priority of its item: there is no place before which nothing is left.
  DISAGREEMENT: { by: ranked.by, from: 'true' },
};

/** Moves the person's cursor on. Called outside the transaction that picks an item. */
export async function advanceCursor(query: Query, taskId: string, userId: string): Promise<void> {
  await query('SELECT advance_feedback_cursor($1, $2)', [taskId, userId]);
}

/**
 * Picks the next item of the task for a person: the first in its order or, for its random share, any of them. The
 * propensity is ε/n + (1 − ε) for the first of n items, and ε/n for the others. Items that others are being given at
 * this moment are passed over, so that nobody waits for them, unless there are no others. Where next to nothing is left
 * for the person among very many items, the first takes the place of one that is drawn.
 */
export async function pickOpenItem(
  query: Query,
  task: Pickable,
  userId: string,
  isDrawn: boolean,
): Promise<PickedItem | null> {
  const drawn = isDrawn || task.order === 'RANDOM' ? await drawItem(query, task, userId) : null;
  const item = drawn ?? (await firstItem(query, task, userId, true));
  if (item === null) return null;
  const isRandom = drawn !== null;
  const share = task.order === 'RANDOM' ? 1 : task.randomShare;
  const picked = isRandom ? 'RANDOM' : 'ORDER';
  const { itemId, keys: given } = item;
  if (share === 0) return { itemId, keys: given, repetition: 0, picked, propensity: 1 };
  const isFirst = !isRandom || (share < 1 && (await firstItem(query, task, userId, false))?.itemId === itemId);
  const propensity = share / (await countFree(query, task, userId)) + (isFirst ? 1 - share : 0);
  return { itemId, keys: given, repetition: 0, picked, propensity };
}

/** Whether the task has an item that needs answers and that the person may get. */
export async function hasOpenItem(query: Query, task: Pickable, userId: string): Promise<boolean> {
  return (await firstItem(query, task, userId, false)) !== null;
}

/** The statement for the first item of the task $1 that $2 may get, by the index of items that need answers. */
export function firstItemStatement(order: FeedbackTaskRow['order'], lock: string): string {
  const { by, from } = inOrder[order];
  return `${taken} SELECT ${found} FROM feedback_items i
    WHERE i.task_id = $1 AND ${unsettled} AND ${from} AND ${free} ORDER BY ${by} LIMIT 1 ${lock}`;
}

async function firstItem(query: Query, { id, order }: Pickable, userId: string, locks: boolean): Promise<Found | null> {
  for (const lock of locks ? [passOver, waitFor] : ['']) {
    const [first] = await query<Found>(firstItemStatement(order, lock), [id, userId]);
    if (first !== undefined) return first;
  }
  return null;
}

/** How many places of a task are tried at first. */
const triedPlaces = 256;

/**
 * How many items are then read at a time, of how many places in the list of those that need answers, and up to how many
 * of these a place is counted out; beyond that it is found by a position.
 */
const windows = { size: 1_000, tried: 4, mostCounted: 50_000 } as const;

/**
 * Any that the person may get, all being equally likely: the first such one of places that are drawn from all places of
 * the task. Where few items are left, one of a window on those that need answers, in which each is as often as any
 * other. A claim reads a few thousand rows at most, however many there are.
 *
 * @returns null: none was found, and the person can get next to none of those that need answers
 */
async function drawItem(query: Query, task: Pickable, userId: string): Promise<Found | null> {
  const [drawn] = await query<Found>(
    `${taken}, drawn AS MATERIALIZED (
       SELECT n, 1 + floor(random() * last_position)::bigint AS position
         FROM feedback_tasks, generate_series(1, ${triedPlaces}) AS n WHERE id = $1
     )
     SELECT ${found} FROM drawn JOIN feedback_items i ON i.task_id = $1 AND i.position = drawn.position
      WHERE ${unsettled} AND ${free} ORDER BY drawn.n LIMIT 1 ${passOver}`,
    [task.id, userId],
  );
  if (drawn !== undefined) return drawn;
  const open = task.itemCount - task.settledCount;
  const tries = open <= windows.size ? 1 : windows.tried;
  for (let n = 0; n < tries; n++) {
    const [any] = await query<Found>(windowStatement(windows.size, windows.mostCounted), [task.id, userId, open]);
    if (any !== undefined) return any;
  }
  return null;
}

/**
 * The statement for any item that $2 may get, of `size` of the $3 that need answers in the task $1: those from a place
 * on that is drawn, and from the first on behind the last.
 */
export function windowStatement(size: number, mostCounted: number): string {
  const positions = (bound: string): string => `SELECT i.position FROM feedback_items i
    WHERE i.task_id = $1 AND ${unsettled} AND i.position ${bound} (SELECT position FROM start) ORDER BY i.position LIMIT ${size}`;
  return `${taken}, start AS MATERIALIZED (
      SELECT coalesce(
        CASE WHEN $3::int <= ${mostCounted} THEN
          (SELECT i.position FROM feedback_items i WHERE i.task_id = $1 AND ${unsettled} ORDER BY i.position
            OFFSET (SELECT floor(random() * $3)) LIMIT 1)
        ELSE (SELECT 1 + floor(random() * last_position)::bigint FROM feedback_tasks WHERE id = $1) END, 0) AS position
    ), near AS MATERIALIZED (
      SELECT position FROM (SELECT 1 AS part, position FROM (${positions('>=')}) AS behind
                            UNION ALL SELECT 2, position FROM (${positions('<')}) AS before) AS pieces
       ORDER BY part, position LIMIT ${size}
    )
    SELECT ${found} FROM near JOIN feedback_items i ON i.task_id = $1 AND i.position = near.position
     WHERE ${unsettled} AND ${free} ORDER BY random() LIMIT 1 ${passOver}`;
}

/**
 * The statement for how many of the items that need answers $2 may not get: what they answered or skipped is counted as
 * it happens, and leases are few.
 */
export const takenStatement = `${taken}
  SELECT (coalesce((SELECT count FROM feedback_open_counts WHERE task_id = $1 AND user_id = $2), 0)
          + (SELECT count(*) FROM leased JOIN feedback_items i ON i.id = leased.item_id
              WHERE ${unsettled} AND ${unseen} AND i.answer_count + leased.count >= i.wanted))::float8 AS taken`;

/** How many items the person may get: those that need answers, but for those that are taken. */
async function countFree(query: Query, { id, itemCount, settledCount }: Pickable, userId: string): Promise<number> {
  const [row] = await query<{ taken: number }>(takenStatement, [id, userId]);
  // Somebody may settle an item at this moment.
  return Math.max(1, itemCount - settledCount - row!.taken);
}

/** Any gold item that the person has not had; null: there is none left. */
export async function pickGoldItem(query: Query, taskId: string, userId: string): Promise<PickedItem | null> {
  const [row] = await query<{ itemId: string; keys: string[]; count: number }>(
    `WITH left_over AS MATERIALIZED (
       SELECT i.id FROM feedback_items i
        WHERE i.task_id = $1 AND i.gold IS NOT NULL
          AND NOT EXISTS (SELECT FROM feedback_claims c WHERE c.item_id = i.id AND c.user_id = $2 AND c.state <> 'CLAIMED')
     )
     SELECT i.id AS "itemId", ${keys}, (SELECT count(*)::float8 FROM left_over) AS count
       FROM left_over JOIN feedback_items i ON i.id = left_over.id ORDER BY random() LIMIT 1`,
    [taskId, userId],
  );
  if (row === undefined) return null;
  return { itemId: row.itemId, keys: row.keys, repetition: 0, picked: 'GOLD', propensity: 1 / row.count };
}

/** How many other items a person answers before one comes again. */
const leastBetween = 5;

/** Any item that the person answered before, once, and some others since; null: there is none. */
export async function pickAnsweredItem(query: Query, taskId: string, userId: string): Promise<PickedItem | null> {
  const [row] = await query<{ itemId: string; keys: string[]; count: number }>(
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
  if (row === undefined) return null;
  return { itemId: row.itemId, keys: row.keys, repetition: 1, picked: 'REPEAT', propensity: 1 / row.count };
}

/** Whether there are items that others hold, and this person may get; and when the first of these holds ends. */
export async function heldByOthers(
  query: Query,
  { id, order }: Pickable,
  userId: string,
): Promise<{ readonly isHeld: boolean; readonly freeAt: Date | null }> {
  const { by, from } = inOrder[order];
  const [row] = await query<{ isHeld: boolean; freeAt: Date | null }>(
    `SELECT (SELECT i.id FROM feedback_items i WHERE i.task_id = $1 AND ${unsettled} AND ${from} AND ${unseen}
              ORDER BY ${by} LIMIT 1) IS NOT NULL AS "isHeld",
            (SELECT min(c.expires_at) FROM feedback_claims c JOIN feedback_items i ON i.id = c.item_id
              WHERE c.task_id = $1 AND c.state = 'CLAIMED' AND c.repetition = 0 AND c.expires_at > clock_timestamp()
                AND ${unsettled} AND ${unseen}) AS "freeAt"`,
    [id, userId],
  );
  return row!;
}
