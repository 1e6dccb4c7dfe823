import type { ChildList } from '../../database/child-pages.js';
import { joinSql, type Sql, sourceText, sql } from '../../database/sql.js';
import type { FeedbackValue } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';
import { type FeedbackItemRow, feedbackItemsOfTask } from '../feedback-item.reads.js';

/** Why somebody should decide what is right of an item. */
export type DisputeReason = 'UNSURE' | 'DISAGREEMENT' | 'FLAGGED';

export interface DisputeRow extends FeedbackItemRow {
  readonly isUnsure: boolean;
  readonly isFlagged: boolean;
  readonly differs: boolean;
}

const unsure = `coalesce(i.settled_at IS NOT NULL AND i.settled_probability < (t.overlap ->> 'sureAt')::float8, false)`;
const flagged = 'i.flag_count > 0';
const differing = `(i.settled_at IS NOT NULL AND (SELECT coalesce(min(a.category) <> max(a.category), false)
  FROM feedback_answers a WHERE a.item_id = i.id AND a.counts))`;

/** Items of a task, the least sure ones first; those that are not settled before all others. */
export const disputesOfTask: ChildList = {
  ...feedbackItemsOfTask,
  select: `${feedbackItemsOfTask.select}, ${unsure} AS "isUnsure", ${flagged} AS "isFlagged", ${differing} AS differs`,
  sort: [
    { column: 'coalesce(i.settled_probability, 0)', type: 'float8' },
    { column: 'i.position', type: 'bigint' },
  ],
};

const conditions: Readonly<Record<DisputeReason, string>> = {
  UNSURE: unsure,
  FLAGGED: flagged,
  DISAGREEMENT: differing,
};

/** Conditions on `feedback_items i JOIN feedback_tasks t`: nobody decided it, and one of the reasons holds. */
export function disputeConditions(reasons: readonly DisputeReason[]): Sql[] {
  const any = joinSql(
    reasons.map((reason) => sourceText(conditions[reason])),
    ' OR ',
  );
  return [sql`i.adjudicated IS NULL`, sql`i.gold IS NULL`, sql`(${any})`];
}

/** How often each category was given to an item, by answers that count. */
export interface VotesRow {
  readonly itemId: string;
  readonly category: string;
  readonly count: number;
}

export function votesOfItems(query: Query, itemIds: readonly string[]): Promise<VotesRow[]> {
  return query(
    `SELECT item_id AS "itemId", category, count(*)::int AS count FROM feedback_answers
      WHERE item_id = ANY($1::uuid[]) AND counts AND category IS NOT NULL
      GROUP BY item_id, category ORDER BY item_id, count(*) DESC, category`,
    [itemIds],
  );
}

export interface AdjudicationRow {
  readonly itemId: string;
  readonly number: number;
  readonly value: FeedbackValue;
  readonly comment: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date;
}

/** All decisions about items, the newest first. */
export function adjudicationsOfItems(query: Query, itemIds: readonly string[]): Promise<AdjudicationRow[]> {
  return query(
    `SELECT item_id AS "itemId", number, value, comment, decided_by AS "decidedBy", decided_at AS "decidedAt"
       FROM feedback_adjudications WHERE item_id = ANY($1::uuid[]) ORDER BY item_id, number DESC`,
    [itemIds],
  );
}
