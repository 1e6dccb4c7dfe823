import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { feedbackLimits } from '../protocol/feedback/feedback-limits.js';
import { appendFeedbackEvents } from '../protocol/sql/feedback-log.js';
import { lockFeedbackTask } from './feedback-task.reads.js';
import { lockClaim, mostReason } from './locked-claim.js';

/** Items that people do not answer, or with which something is wrong. Throws ProblemsError. */
export interface SetAsideService {
  /** The item goes to others, and not to this person again. Skipping it again changes nothing. */
  skip(claimId: string, userId: string, reason: string): Promise<void>;
  /** Tells whoever runs the task; the item stays claimed, and may be answered. Another reason replaces the first. */
  flag(claimId: string, userId: string, reason: string): Promise<void>;
}

export function createSetAsideService({ dataSource }: { readonly dataSource: DataSource }): SetAsideService {
  return {
    async skip(claimId, userId, given) {
      const reason = requireReason(given);
      await inTransaction(dataSource, async ({ query }) => {
        const { state, taskId, itemId } = await lockClaim(query, claimId, userId);
        if (state === 'SKIPPED') return;
        if (state === 'ANSWERED') {
          const hint = 'Change your answer with submitFeedback.';
          throw new ProblemsError([problem(['claimId'], 'CONFLICT', 'You answered this item.', hint)]);
        }
        // Before what is counted by person changes: whoever settles items holds it, too.
        await lockFeedbackTask(query, taskId);
        await query(
          `UPDATE feedback_claims SET state = 'SKIPPED', skip_reason = $2, ended_at = clock_timestamp() WHERE id = $1`,
          [claimId, reason],
        );
        await appendFeedbackEvents(query, taskId, [{ kind: 'itemSkipped', itemId, claimId, userId, reason }], {
          skips: 1,
        });
      });
    },

    async flag(claimId, userId, given) {
      const reason = requireReason(given);
      await inTransaction(dataSource, async ({ query }) => {
        const { isFlagged, taskId, itemId } = await lockClaim(query, claimId, userId);
        const [changed] = await query<{ times: number }>(
          `UPDATE feedback_claims
              SET flagged_at = coalesce(flagged_at, clock_timestamp()), flag_reason = $2, flag_count = flag_count + 1
            WHERE id = $1 AND flag_reason IS DISTINCT FROM $2 RETURNING flag_count AS times`,
          [claimId, reason],
        );
        if (changed === undefined) return;
        if (changed.times > feedbackLimits.maxFlags) throw flaggedTooOften;
        if (!isFlagged) await query('UPDATE feedback_items SET flag_count = flag_count + 1 WHERE id = $1', [itemId]);
        await appendFeedbackEvents(query, taskId, [{ kind: 'itemFlagged', itemId, claimId, userId, reason }], {
          flags: isFlagged ? 0 : 1,
        });
      });
    },
  };
}

const flaggedTooOften = new ProblemsError([
  problem(
    ['claimId'],
    'CONFLICT',
    `You flagged this item ${feedbackLimits.maxFlags} times, which is the most.`,
    'The last reason stays. Answer the item, or skip it.',
  ),
]);

function requireReason(given: string): string {
  const reason = given.trim();
  if (reason === '') throw new ProblemsError([problem(['reason'], 'REQUIRED', 'Say why.')]);
  const problems = mostReason(['reason'], reason, feedbackLimits.maxReasonCharacters);
  if (problems.length > 0) throw new ProblemsError(problems);
  return reason;
}
