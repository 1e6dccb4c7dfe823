import type { ChildList } from '../database/child-pages.js';
import type { FeedbackValue } from '../protocol/feedback.js';
import type { Query } from '../protocol/sql/query.js';
import type { PickedBy } from './feedback-claim.reads.js';

/** What a person said of an item, as it stands now. */
export interface FeedbackAnswerRow {
  readonly id: string;
  readonly claimId: string;
  readonly taskId: string;
  readonly projectId: string;
  readonly itemId: string;
  readonly userId: string;
  readonly value: FeedbackValue;
  /** What statistics compare (`categoryOf`); null for kinds whose values are texts. */
  readonly category: string | null;
  readonly comment: string | null;
  readonly instructionsVersion: number;
  /** False: to a gold item, a repetition, or after the task was closed. */
  readonly counts: boolean;
  /** Whether it is to a gold item. */
  readonly isGold: boolean;
  /** 0: the person's first answer to the item; 1: a repetition. */
  readonly repetition: number;
  readonly late: boolean;
  /** From the claim to the answer. */
  readonly seconds: number;
  /** Keys of the item's answers in the order in which they were shown. */
  readonly shown: readonly string[];
  readonly picked: PickedBy;
  readonly propensity: number;
  readonly createdAt: Date;
  readonly changedAt: Date | null;
}

const columns = `a.id, a.claim_id AS "claimId", a.task_id AS "taskId", t.project_id AS "projectId", a.item_id AS "itemId",
  a.user_id AS "userId", a.value, a.category, a.comment, a.instructions_version AS "instructionsVersion", a.counts,
  c.picked = 'GOLD' AS "isGold", c.repetition, a.late, a.seconds, c.shown, c.picked, c.propensity,
  a.created_at AS "createdAt", a.changed_at AS "changedAt"`;
const tables = `feedback_answers a JOIN feedback_claims c ON c.id = a.claim_id JOIN feedback_tasks t ON t.id = a.task_id`;

export function feedbackAnswersByIds(query: Query, ids: readonly string[]): Promise<FeedbackAnswerRow[]> {
  return query(`SELECT ${columns} FROM ${tables} WHERE a.id = ANY($1::uuid[])`, [ids]);
}

/** The answers that belong to these claims. */
export function answersOfClaims(query: Query, claimIds: readonly string[]): Promise<FeedbackAnswerRow[]> {
  return query(`SELECT ${columns} FROM ${tables} WHERE a.claim_id = ANY($1::uuid[])`, [claimIds]);
}

const oldestFirst: Pick<ChildList, 'key' | 'select' | 'from' | 'sort' | 'direction'> = {
  key: 'a.id',
  select: columns,
  from: tables,
  sort: [
    { column: 'a.created_at', type: 'timestamptz' },
    { column: 'a.id', type: 'uuid' },
  ],
  direction: 'ASC',
};

export const answersOfTask: ChildList = { ...oldestFirst, parent: { column: 'a.task_id', type: 'uuid' } };

export const answersOfItem: ChildList = { ...oldestFirst, parent: { column: 'a.item_id', type: 'uuid' } };

/** The categories of the answers of an item that count, in the order in which they came. */
export async function categoriesOfItem(query: Query, itemId: string): Promise<readonly (string | null)[]> {
  const rows = await query<{ category: string | null }>(
    'SELECT category FROM feedback_answers WHERE item_id = $1 AND counts ORDER BY created_at, id',
    [itemId],
  );
  return rows.map(({ category }) => category);
}

/** A former value of an answer. */
export interface FeedbackAnswerChangeRow {
  readonly answerId: string;
  /** From 1. */
  readonly number: number;
  readonly value: FeedbackValue;
  readonly comment: string | null;
  /** When it ceased to be the answer. */
  readonly changedAt: Date;
}

/** What answers were before they were changed, the oldest first. */
export function changesOfAnswers(query: Query, answerIds: readonly string[]): Promise<FeedbackAnswerChangeRow[]> {
  return query(
    `SELECT answer_id AS "answerId", number, value, comment, changed_at AS "changedAt" FROM feedback_answer_changes
      WHERE answer_id = ANY($1::uuid[]) ORDER BY answer_id, number`,
    [answerIds],
  );
}
