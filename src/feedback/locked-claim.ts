import { type InputProblem, ProblemsError, problem } from '../problems/problem.js';
import type { FeedbackItemContent } from '../protocol/feedback.js';
import type { Query } from '../protocol/sql/query.js';
import type { PickedBy } from './feedback-claim.reads.js';

/** A claim and its item, both locked until the transaction ends. */
export interface LockedClaim {
  readonly id: string;
  readonly taskId: string;
  readonly itemId: string;
  readonly userId: string;
  readonly repetition: number;
  readonly state: 'CLAIMED' | 'ANSWERED' | 'SKIPPED';
  readonly picked: PickedBy;
  readonly isExpired: boolean;
  readonly isFlagged: boolean;
  readonly isSettled: boolean;
  readonly isAdjudicated: boolean;
  readonly content: FeedbackItemContent;
}

/**
 * Locks a person's claim, the item first: whoever gives out items locks them, too.
 * @throws ProblemsError NOT_FOUND when the person has no such claim
 */
export async function lockClaim(query: Query, claimId: string, userId: string): Promise<LockedClaim> {
  const items = await query(
    `SELECT 1 FROM feedback_items
      WHERE id = (SELECT item_id FROM feedback_claims WHERE id = $1 AND user_id = $2) FOR NO KEY UPDATE`,
    [claimId, userId],
  );
  const [claim] = await query<LockedClaim>(
    `SELECT c.id, c.task_id AS "taskId", c.item_id AS "itemId", c.user_id AS "userId", c.repetition, c.state, c.picked,
            c.expires_at <= clock_timestamp() AS "isExpired", c.flagged_at IS NOT NULL AS "isFlagged",
            i.settled_at IS NOT NULL AS "isSettled", i.adjudicated IS NOT NULL AS "isAdjudicated", i.content
       FROM feedback_claims c JOIN feedback_items i ON i.id = c.item_id
      WHERE c.id = $1 AND c.user_id = $2 FOR NO KEY UPDATE OF c`,
    [claimId, userId],
  );
  if (items.length > 0 && claim !== undefined) return claim;
  const message = 'You have no claim with this id: people answer what they claimed themselves.';
  throw new ProblemsError([problem(['claimId'], 'NOT_FOUND', message)]);
}

/** A text of at most so many characters. */
export function mostReason(path: readonly string[], text: string, most: number): InputProblem[] {
  if (text.length <= most) return [];
  return [problem(path, 'TOO_LONG', `It has at most ${most} characters; this one has ${text.length}.`)];
}
