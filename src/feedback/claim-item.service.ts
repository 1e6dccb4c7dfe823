import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { inTransaction, poolQuery, refersToNothing } from '../database/transaction.js';
import { ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';
import { drawOrder } from './draw-order.js';
import { heldClaim } from './feedback-claim.reads.js';
import type { NothingToClaim } from './feedback-claim.type.js';
import { type FeedbackTaskRow, feedbackTasksByIds } from './feedback-task.reads.js';
import {
  advanceCursor,
  hasOpenItem,
  heldByOthers,
  type PickedItem,
  pickAnsweredItem,
  pickGoldItem,
  pickOpenItem,
} from './pick-item.js';
import { takesNoPart, takesPart } from './takes-part.js';
import { taskKey } from './task-key.js';

/** What a person who asks for an item gets. */
type Claimed =
  | { readonly claimId: string }
  | { readonly claimId: null; readonly nothing: NothingToClaim; readonly askAgainAt: Date | null };

/** Gives items to people. */
export interface ClaimItemService {
  /**
   * Leases the next item of a task to a person. Somebody who holds an item gets the same again, so that a call may be
   * repeated. Throws ProblemsError NOT_FOUND, FORBIDDEN and CONFLICT.
   */
  claim(taskId: string, userId: string): Promise<Claimed>;
}

/** Others may take the item that was picked, so that another one has to be picked. */
const maxPicks = 20;

export function createClaimItemService(options: {
  readonly dataSource: DataSource;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}): ClaimItemService {
  const { dataSource, random } = options;
  return {
    async claim(taskId, userId) {
      await advanceCursor(poolQuery(dataSource), taskId, userId).catch((error: unknown) => {
        // The task is being deleted, which is found out below.
        if (!refersToNothing(error)) throw error;
      });
      return inTransaction(dataSource, async ({ query }): Promise<Claimed> => {
        // Two calls of a person come one after the other, so that the second gets what the first got.
        await query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`feedback claim ${taskId} ${userId}`]);
        const [task] = await feedbackTasksByIds(query, [taskId]);
        requireParticipant(task, userId);
        // People who ask again after each answer come here once the last answer has closed the task.
        if (task.status === 'CLOSED') return { claimId: null, nothing: 'CLOSED', askAgainAt: null };
        requireOpen(task);
        const held = await heldClaim(query, taskId, userId);
        if (held !== null) return { claimId: held.id };
        for (let pick = 0; pick < maxPicks; pick++) {
          const item = await pickItem(query, task, userId, random);
          if (item === null) break;
          const claimId = await lease(query, task, userId, item);
          if (claimId !== null) return { claimId };
        }
        const { isHeld, freeAt } = await heldByOthers(query, task, userId);
        return { claimId: null, nothing: isHeld ? 'ALL_HELD' : 'NOTHING_LEFT', askAgainAt: freeAt };
      });
    },
  };
}

function requireParticipant(task: FeedbackTaskRow | undefined, userId: string): asserts task is FeedbackTaskRow {
  if (task === undefined) {
    throw new ProblemsError([problem(['taskId'], 'NOT_FOUND', 'There is no feedback task with this id.')]);
  }
  if (!takesPart(task, userId)) throw takesNoPart(['taskId']);
}

function requireOpen({ status }: FeedbackTaskRow): void {
  if (status === 'OPEN') return;
  const hint = {
    PREPARING: 'Ask again once it is OPEN: its items are being made.',
    PAUSED: 'Ask again once it is OPEN: whoever may train in the project resumes it with resumeFeedbackTask.',
    FAILED: 'Its items could not be made, as its `problem` says: another task is needed.',
    CLOSED: null,
  }[status];
  const message = `The task is ${status}, and gives out no items.`;
  throw new ProblemsError([problem(['taskId'], 'CONFLICT', message, hint)]);
}

async function pickItem(
  query: Query,
  task: FeedbackTaskRow,
  userId: string,
  random: () => number,
): Promise<PickedItem | null> {
  const [extra, drawn] = [random(), random()];
  // Gold items and repetitions are mixed into what is left to ask: with nothing left, nobody is kept busy with them.
  if (extra < task.goldShare + task.repeatShare && !(await hasOpenItem(query, task, userId))) return null;
  if (extra < task.goldShare) {
    const gold = await pickGoldItem(query, task.id, userId);
    if (gold !== null) return gold;
  } else if (extra < task.goldShare + task.repeatShare) {
    const again = await pickAnsweredItem(query, task.id, userId);
    if (again !== null) return again;
  }
  return pickOpenItem(query, task, userId, drawn < task.randomShare);
}

/**
 * Gives the item to the person. The statement sees every lease of an item that is locked here; so an item that got its
 * last lease between the pick and its lock is found out.
 * @returns the claim's row id; null: the item needs no more answers
 */
async function lease(query: Query, task: FeedbackTaskRow, userId: string, item: PickedItem): Promise<string | null> {
  const { itemId, repetition, picked, propensity } = item;
  const key = await taskKey(query, task.id);
  const shown = drawOrder(item.keys, { key, seed: task.seed, itemId, userId, repetition });
  const [claim] = await query<{ id: string }>(
    `INSERT INTO feedback_claims AS claimed
       (id, task_id, item_id, user_id, repetition, shown, instructions_version, picked, propensity, expires_at)
     SELECT $1, $2, i.id, $4, $5, $6, $7, $8, $9, clock_timestamp() + make_interval(secs => $10)
       FROM feedback_items i
      WHERE i.id = $3
        AND ($8 IN ('GOLD', 'REPEAT')
             OR (i.settled_at IS NULL
                 AND i.answer_count + (SELECT count(*) FROM feedback_claims c
                                        WHERE c.item_id = i.id AND c.state = 'CLAIMED' AND c.repetition = 0
                                          AND c.expires_at > clock_timestamp()) < i.wanted))
     ON CONFLICT (item_id, user_id, repetition) DO UPDATE
       SET claimed_at = clock_timestamp(), expires_at = excluded.expires_at, picked = excluded.picked,
           propensity = excluded.propensity, instructions_version = excluded.instructions_version
       WHERE claimed.state = 'CLAIMED'
     RETURNING id`,
    [
      randomUUID(),
      task.id,
      itemId,
      userId,
      repetition,
      shown,
      task.instructionsVersion,
      picked,
      propensity,
      task.claimSeconds,
    ],
  );
  return claim?.id ?? null;
}
