import type { ChildList } from '../database/child-pages.js';
import { newestFirst } from '../database/newest-first.js';
import type {
  FeedbackCloseReason,
  FeedbackEnds,
  FeedbackKind,
  FeedbackOverlap,
  FeedbackQuestion,
  FeedbackTaskStatus,
} from '../protocol/feedback.js';
import type { Problem } from '../protocol/run-event.js';
import type { Query } from '../protocol/sql/query.js';

/** In which order items are handed out. New ones may be added. */
export type FeedbackOrder =
  | 'AS_GIVEN'
  | 'RANDOM'
  | 'UNCERTAINTY'
  | 'DIVERSITY'
  | 'DISAGREEMENT'
  | 'ENSEMBLE_DISAGREEMENT'
  | 'PREDICTED_GAP';

export interface FeedbackTaskRow {
  readonly id: string;
  readonly projectId: string;
  readonly createdBy: string | null;
  readonly name: string;
  readonly description: string;
  readonly kind: FeedbackKind;
  readonly question: FeedbackQuestion;
  readonly status: FeedbackTaskStatus;
  readonly closedReason: FeedbackCloseReason | null;
  readonly problem: Problem | null;
  readonly overlap: FeedbackOverlap;
  readonly ends: FeedbackEnds;
  readonly order: FeedbackOrder;
  readonly randomShare: number;
  readonly blind: boolean;
  readonly claimSeconds: number;
  readonly goldShare: number;
  readonly repeatShare: number;
  /** Row ids of users; null: everybody who may annotate in the project. */
  readonly participants: readonly string[] | null;
  readonly seed: number;
  readonly instructionsVersion: number;
  /** Without gold items. */
  readonly itemCount: number;
  readonly goldCount: number;
  readonly settledCount: number;
  /** Answers that count: neither to gold items nor repetitions. */
  readonly answerCount: number;
  readonly goldAnswerCount: number;
  readonly repeatCount: number;
  readonly skipCount: number;
  readonly flagCount: number;
  /** How many items were settled when agreement was last computed for its end. */
  readonly agreementSettled: number;
  /** Whether its overlap was changed, and not all its items are judged by it. */
  readonly isJudgedAnew: boolean;
  /** The end of its log; 0: the log is empty. */
  readonly lastSeq: number;
  readonly createdAt: Date;
  readonly openedAt: Date | null;
  readonly closedAt: Date | null;
}

const columns = `t.id, t.project_id AS "projectId", t.created_by AS "createdBy", t.name, t.description, t.kind, t.question,
  t.status, t.closed_reason AS "closedReason", t.problem, t.overlap, t.ends, t.item_order AS "order",
  t.random_share AS "randomShare", t.blind, t.claim_seconds AS "claimSeconds", t.gold_share AS "goldShare",
  t.repeat_share AS "repeatShare", t.participants, t.seed::float8 AS seed,
  t.instructions_version AS "instructionsVersion", t.item_count::float8 AS "itemCount",
  t.gold_count::float8 AS "goldCount", t.settled_count::float8 AS "settledCount",
  t.answer_count::float8 AS "answerCount", t.gold_answer_count::float8 AS "goldAnswerCount",
  t.repeat_count::float8 AS "repeatCount", t.skip_count::float8 AS "skipCount", t.flag_count::float8 AS "flagCount",
  t.agreement_settled::float8 AS "agreementSettled", t.judged_to IS NOT NULL AS "isJudgedAnew",
  t.last_seq::float8 AS "lastSeq", t.created_at AS "createdAt", t.opened_at AS "openedAt", t.closed_at AS "closedAt"`;

export function feedbackTasksByIds(query: Query, ids: readonly string[]): Promise<FeedbackTaskRow[]> {
  return query(`SELECT ${columns} FROM feedback_tasks t WHERE t.id = ANY($1::uuid[])`, [ids]);
}

/** A task, locked until the transaction ends: its status and settings stay. Null: there is none. */
export async function lockFeedbackTask(query: Query, id: string): Promise<FeedbackTaskRow | null> {
  const [task] = await query<FeedbackTaskRow>(
    `SELECT ${columns} FROM feedback_tasks t WHERE t.id = $1 FOR NO KEY UPDATE`,
    [id],
  );
  return task ?? null;
}

export const feedbackTasksOfProject: ChildList = {
  ...newestFirst('t'),
  key: 't.id',
  select: columns,
  from: 'feedback_tasks t',
  parent: { column: 't.project_id', type: 'uuid' },
};

export interface FeedbackInstructionsRow {
  readonly taskId: string;
  /** From 1. */
  readonly version: number;
  /** Markdown. */
  readonly text: string;
  readonly createdAt: Date;
}

/** All versions of the instructions of tasks, the newest first. */
export function instructionsOfTasks(query: Query, taskIds: readonly string[]): Promise<FeedbackInstructionsRow[]> {
  return query(
    `SELECT task_id AS "taskId", version, text, created_at AS "createdAt" FROM feedback_instructions
      WHERE task_id = ANY($1::uuid[]) ORDER BY task_id, version DESC`,
    [taskIds],
  );
}
