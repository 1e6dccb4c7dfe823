import type { ChildList } from '../database/child-pages.js';
import type { FeedbackItemContent, FeedbackValue, ModelJudgement } from '../protocol/feedback.js';
import type { Query } from '../protocol/sql/query.js';

export interface FeedbackItemRow {
  readonly id: string;
  readonly taskId: string;
  readonly projectId: string;
  /** Counts from 1 within the task, in the order in which items were added. */
  readonly position: number;
  readonly content: FeedbackItemContent;
  /** What is known to be right; null: it is no gold item. */
  readonly gold: FeedbackValue | null;
  /** For orders by a score, the greatest first; null: after all others. */
  readonly priority: number | null;
  /** Answers that count. */
  readonly answerCount: number;
  /** Answers that it needs, as far as is known. */
  readonly wanted: number;
  readonly flagCount: number;
  readonly settledAt: Date | null;
  /** The likeliest category at its settlement; null before it, and for kinds without categories. */
  readonly settledCategory: string | null;
  readonly settledProbability: number | null;
  readonly adjudicated: FeedbackValue | null;
  readonly adjudicatedBy: string | null;
  readonly adjudicatedAt: Date | null;
  /** What a reward model said of it, so that nobody is asked; null: none did. */
  readonly modelJudgement: ModelJudgement | null;
  readonly createdAt: Date;
}

const columns = `i.id, i.task_id AS "taskId", t.project_id AS "projectId", i.position::float8 AS position, i.content, i.gold,
  i.priority, i.answer_count AS "answerCount", i.wanted, i.flag_count AS "flagCount", i.settled_at AS "settledAt",
  i.settled_category AS "settledCategory", i.settled_probability AS "settledProbability", i.adjudicated,
  i.adjudicated_by AS "adjudicatedBy", i.adjudicated_at AS "adjudicatedAt", i.model_judgement AS "modelJudgement", i.created_at AS "createdAt"`;
const tables = 'feedback_items i JOIN feedback_tasks t ON t.id = i.task_id';

export function feedbackItemsByIds(query: Query, ids: readonly string[]): Promise<FeedbackItemRow[]> {
  return query(`SELECT ${columns} FROM ${tables} WHERE i.id = ANY($1::uuid[])`, [ids]);
}

export const feedbackItemsOfTask: ChildList = {
  key: 'i.id',
  select: columns,
  from: tables,
  parent: { column: 'i.task_id', type: 'uuid' },
  sort: [{ column: 'i.position', type: 'bigint' }],
  direction: 'ASC',
};

/** What a call added. */
export interface AddedItems {
  readonly taskId: string;
  readonly firstPosition: number;
  readonly lastPosition: number;
}

/** What an earlier call with an idempotency key added; null: its task is gone. */
export async function readItemBatch(query: Query, id: string): Promise<AddedItems | null> {
  const [row] = await query<AddedItems>(
    `SELECT task_id AS "taskId", first_position::float8 AS "firstPosition", last_position::float8 AS "lastPosition"
       FROM feedback_item_batches WHERE id = $1`,
    [id],
  );
  return row ?? null;
}
