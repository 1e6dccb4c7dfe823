import type { FeedbackItemContent, FeedbackValue } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';

/** What happened when a person was given an item. */
export interface RawClaimRow {
  readonly itemId: string;
  readonly position: number;
  readonly content: FeedbackItemContent;
  readonly gold: FeedbackValue | null;
  readonly adjudicated: FeedbackValue | null;
  readonly claimId: string;
  readonly userId: string;
  readonly state: 'CLAIMED' | 'ANSWERED' | 'SKIPPED';
  readonly repetition: number;
  readonly shown: readonly string[];
  readonly picked: string;
  readonly propensity: number;
  readonly claimedAt: Date;
  readonly skipReason: string | null;
  readonly flagReason: string | null;
  readonly flaggedAt: Date | null;
  /** Of the answer; null where there is none. */
  readonly value: FeedbackValue | null;
  readonly category: string | null;
  readonly comment: string | null;
  readonly seconds: number | null;
  readonly instructionsVersion: number;
  readonly late: boolean | null;
  readonly counts: boolean | null;
  readonly answeredAt: Date | null;
  readonly changedAt: Date | null;
  /** What the answer was before, the oldest first. */
  readonly changes: readonly {
    readonly value: FeedbackValue;
    readonly comment: string | null;
    readonly until: string;
  }[];
}

/** The texts of an item come with each of its claims. */
const pageSize = 100;

/**
 * All that people answered, skipped or flagged in a task, gold items and repetitions included, in the order of its
 * items. Items that are held at this moment are left out.
 */
export async function* rawClaims(query: Query, taskId: string): AsyncGenerator<RawClaimRow> {
  let after: readonly [number, string] = [0, '00000000-0000-0000-0000-000000000000'];
  for (;;) {
    const page = await query<Omit<RawClaimRow, 'changes'> & { readonly changedId: string | null }>(
      `SELECT i.id AS "itemId", i.position::float8 AS position, i.content, i.gold, i.adjudicated, c.id AS "claimId",
              c.user_id AS "userId", c.state, c.repetition, c.shown, c.picked, c.propensity,
              c.claimed_at AS "claimedAt", c.skip_reason AS "skipReason", c.flag_reason AS "flagReason",
              c.flagged_at AS "flaggedAt", a.value, a.category, a.comment, a.seconds,
              coalesce(a.instructions_version, c.instructions_version) AS "instructionsVersion", a.late, a.counts,
              a.created_at AS "answeredAt", a.changed_at AS "changedAt",
              (SELECT h.answer_id FROM feedback_answer_changes h WHERE h.answer_id = a.id LIMIT 1) AS "changedId"
         FROM feedback_items i JOIN feedback_claims c ON c.item_id = i.id
              LEFT JOIN feedback_answers a ON a.claim_id = c.id
        WHERE i.task_id = $1 AND i.position >= $2 AND (i.position, c.id) > ($2, $3)
          AND (c.state <> 'CLAIMED' OR c.flagged_at IS NOT NULL)
        ORDER BY i.position, c.id LIMIT ${pageSize}`,
      [taskId, ...after],
    );
    for (const { changedId, ...claim } of page) {
      // Of one answer at a time: each may have been long, and changed often.
      const changes = changedId === null ? [] : await formerValues(query, changedId);
      yield { ...claim, changes };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = [last.position, last.claimId];
  }
}

function formerValues(query: Query, answerId: string): Promise<RawClaimRow['changes'][number][]> {
  return query(
    `SELECT value, comment, to_jsonb(changed_at) AS until FROM feedback_answer_changes WHERE answer_id = $1
      ORDER BY number`,
    [answerId],
  );
}
