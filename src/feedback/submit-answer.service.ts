import { randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { categoryCount, categoryOf } from '../protocol/feedback/categories.js';
import { checkValue } from '../protocol/feedback/check-value.js';
import { feedbackLimits } from '../protocol/feedback/feedback-limits.js';
import type { FeedbackValue, LoggedFeedbackEvent } from '../protocol/feedback.js';
import { appendFeedbackEvents, type CountChanges } from '../protocol/sql/feedback-log.js';
import type { Query } from '../protocol/sql/query.js';
import { voteEntropy } from '../statistics/next-units/scores.js';
import { closeIfEnded } from './close-ended.js';
import { categoriesOfItem } from './feedback-answer.reads.js';
import { type FeedbackTaskRow, feedbackTasksByIds, lockFeedbackTask } from './feedback-task.reads.js';
import { type FeedbackValueInput, toFeedbackValue } from './feedback-value.type.js';
import { judgeItem } from './judge-item.js';
import { type LockedClaim, lockClaim, mostReason } from './locked-claim.js';
import type { EndByAgreement } from './results/end-by-agreement.js';
import { takesNoPart, takesPart } from './takes-part.js';

/** Takes people's answers. */
export interface SubmitAnswerService {
  /**
   * Takes an answer to a claim, late or not. The same once more changes nothing; another one replaces it, until the
   * task is closed. A first answer after that is kept, and counts toward nothing. Returns the answer's row id. Throws
   * ProblemsError.
   */
  submit(
    claimId: string,
    userId: string,
    answer: { readonly value: FeedbackValueInput; readonly comment: string | null },
  ): Promise<string>;
}

export function createSubmitAnswerService(options: {
  readonly dataSource: DataSource;
  readonly ends: EndByAgreement;
}): SubmitAnswerService {
  const { dataSource, ends } = options;
  return {
    async submit(claimId, userId, { value: input, comment: given }) {
      const { answerId, due } = await inTransaction(dataSource, async ({ query }): Promise<Taken> => {
        const claim = await lockClaim(query, claimId, userId);
        const [task] = await feedbackTasksByIds(query, [claim.taskId]);
        const value = toFeedbackValue(task!.question, input);
        const comment = given?.trim() ? given.trim() : null;
        const problems = [
          ...checkValue(task!.question, claim.content, value).map((each) => ({
            ...each,
            path: ['value', ...each.path],
          })),
          ...mostReason(['comment'], comment ?? '', feedbackLimits.maxReasonCharacters),
        ];
        if (problems.length > 0) throw new ProblemsError(problems);
        if (claim.state === 'SKIPPED') {
          const message = 'You skipped this item, and it went to others.';
          throw new ProblemsError([problem(['claimId'], 'CONFLICT', message, 'Claim another one.')]);
        }
        const answer = await readAnswer(query, claim.id);
        if (answer === null) return insertAnswer(query, claim, { value, comment });
        const isSame = canonicalize(answer.value) === canonicalize(value) && answer.comment === comment;
        const isDue = !isSame && (await changeAnswer(query, claim, answer, { value, comment }));
        return { answerId: answer.id, due: isDue ? claim.taskId : null };
      });
      if (due !== null) await ends.look(due);
      return answerId;
    },
  };
}

interface Taken {
  readonly answerId: string;
  /** The task whose agreement is to be looked at. */
  readonly due: string | null;
}

interface Said {
  readonly value: FeedbackValue;
  readonly comment: string | null;
}

interface StoredAnswer extends Said {
  readonly id: string;
  readonly counts: boolean;
}

async function readAnswer(query: Query, claimId: string): Promise<StoredAnswer | null> {
  const [answer] = await query<StoredAnswer>(
    'SELECT id, value, comment, counts FROM feedback_answers WHERE claim_id = $1',
    [claimId],
  );
  return answer ?? null;
}

/**
 * The claim's task, locked as the last of item, claim and task: whether it is closed stays as it is, so that what is
 * said of the answer fits the task's log. Throws ProblemsError FORBIDDEN when the person takes part in it no longer.
 */
async function lockTask(query: Query, { taskId, userId }: LockedClaim): Promise<FeedbackTaskRow> {
  const task = await lockFeedbackTask(query, taskId);
  if (task === null) throw new Error(`A claim is in the feedback task ${taskId}, which does not exist.`);
  if (!takesPart(task, userId)) throw takesNoPart(['claimId']);
  return task;
}

async function insertAnswer(query: Query, claim: LockedClaim, said: Said): Promise<Taken> {
  const task = await lockTask(query, claim);
  const answerId = randomUUID();
  const isClosed = task.status === 'CLOSED';
  const isFirst = claim.picked !== 'GOLD' && claim.repetition === 0;
  // What a closed task has settled, and of which answers, stays as it is.
  const counts = isFirst && !isClosed;
  const isLate = claim.isExpired || isClosed;
  const category = categoryOf(task.question, said.value)?.category ?? null;
  await query(
    `INSERT INTO feedback_answers
       (id, claim_id, task_id, item_id, user_id, value, category, comment, instructions_version, counts, late, seconds,
        created_at)
     SELECT $1, id, task_id, item_id, user_id, $3, $4, $5, instructions_version, $6, $7,
            greatest(0, extract(epoch FROM clock_timestamp() - claimed_at)), clock_timestamp()
       FROM feedback_claims WHERE id = $2`,
    [answerId, claim.id, JSON.stringify(said.value), category, said.comment, counts, isLate],
  );
  await query(`UPDATE feedback_claims SET state = 'ANSWERED', ended_at = clock_timestamp() WHERE id = $1`, [claim.id]);
  const submitted: LoggedFeedbackEvent = {
    kind: 'answerSubmitted',
    itemId: claim.itemId,
    claimId: claim.id,
    userId: claim.userId,
    answerId,
    late: isLate,
  };
  const change = counts ? await judgeAgain(query, task, claim) : nothing;
  const changes = countChanges(claim, counts, change.settled);
  const state = await appendFeedbackEvents(query, task.id, [submitted, ...change.events], changes);
  const isDue = await closeIfEnded(query, state, change.settled);
  return { answerId, due: isDue ? task.id : null };
}

/** In which of the task's numbers a new answer is: in none, if it is a first one and does not count. */
function countChanges({ picked, repetition }: LockedClaim, counts: boolean, settled: number): CountChanges {
  if (counts) return { answers: 1, settled };
  if (picked === 'GOLD') return { goldAnswers: 1 };
  return repetition > 0 ? { repeats: 1 } : {};
}

/** @returns whether the task's agreement is to be looked at */
async function changeAnswer(query: Query, claim: LockedClaim, answer: StoredAnswer, said: Said): Promise<boolean> {
  const task = await lockTask(query, claim);
  if (task.status === 'CLOSED') throw staysAsItIs;
  await requireFewChanges(query, answer.id);
  await query(
    `INSERT INTO feedback_answer_changes (answer_id, number, value, comment)
     SELECT id, 1 + (SELECT count(*) FROM feedback_answer_changes WHERE answer_id = $1), value, comment
       FROM feedback_answers WHERE id = $1`,
    [answer.id],
  );
  const category = categoryOf(task.question, said.value)?.category ?? null;
  await query(
    `UPDATE feedback_answers SET value = $2, category = $3, comment = $4, changed_at = clock_timestamp() WHERE id = $1`,
    [answer.id, JSON.stringify(said.value), category, said.comment],
  );
  const { itemId, id: claimId, userId } = claim;
  const change = answer.counts ? await judgeAgain(query, task, claim) : nothing;
  const events = [{ kind: 'answerChanged' as const, itemId, claimId, userId, answerId: answer.id }, ...change.events];
  const state = await appendFeedbackEvents(query, task.id, events, { settled: change.settled });
  return closeIfEnded(query, state, change.settled);
}

/** What an answer was before is read as a whole, and written into exports. */
async function requireFewChanges(query: Query, answerId: string): Promise<void> {
  const [kept] = await query<{ count: number; characters: number }>(
    `SELECT count(*)::int AS count,
            coalesce(sum(length(value::text) + coalesce(length(comment), 0)), 0)::float8 AS characters
       FROM feedback_answer_changes WHERE answer_id = $1`,
    [answerId],
  );
  const { maxChanges, maxChangedCharacters } = feedbackLimits;
  if (kept!.count < maxChanges && kept!.characters < maxChangedCharacters) return;
  const message = `The answer was changed ${kept!.count} times, and can not be changed again.`;
  const hint = `An answer may be changed ${maxChanges} times, and while it was of fewer than ${maxChangedCharacters} characters in all before: it stays as it is.`;
  throw new ProblemsError([problem(['claimId'], 'CONFLICT', message, hint)]);
}

const staysAsItIs = new ProblemsError([
  problem(['claimId'], 'CONFLICT', 'The task is closed: what was said in it stays.'),
]);

interface Judged {
  readonly events: readonly LoggedFeedbackEvent[];
  /** 1: it is settled now; −1: it was, and is no more. */
  readonly settled: number;
}

const nothing: Judged = { events: [], settled: 0 };

/** How much answers differ, in nats; those without a category are texts, which are not compared. */
function disagreementOf(categories: readonly (string | null)[]): number {
  const counts = new Map<string | null, number>();
  for (const category of categories) counts.set(category, (counts.get(category) ?? 0) + 1);
  return voteEntropy([...counts.values()]);
}

/** Judges an item by all its answers. What was decided in a dispute stays settled. */
async function judgeAgain(query: Query, task: FeedbackTaskRow, claim: LockedClaim): Promise<Judged> {
  const { itemId, isSettled, isAdjudicated, content } = claim;
  const categories = await categoriesOfItem(query, itemId);
  const state = judgeItem(task.overlap, categories, categoryCount(task.question, content));
  const settles = state.isSettled || isAdjudicated;
  await query(
    `UPDATE feedback_items
        SET answer_count = $2, wanted = $3, settled_at = CASE WHEN $4 THEN coalesce(settled_at, now()) END,
            settled_category = CASE WHEN $4 THEN $5 END, settled_probability = CASE WHEN $4 THEN $6::float8 END,
            priority = CASE WHEN $7 THEN $8::float8 ELSE priority END
      WHERE id = $1`,
    [
      itemId,
      categories.length,
      settles ? categories.length : state.wanted,
      settles,
      state.likely?.category ?? null,
      state.likely?.probability ?? null,
      task.order === 'DISAGREEMENT',
      disagreementOf(categories),
    ],
  );
  if (settles === isSettled) return nothing;
  if (!settles) return { events: [{ kind: 'itemReopened', itemId }], settled: -1 };
  const event: LoggedFeedbackEvent = {
    kind: 'itemSettled',
    itemId,
    answerCount: categories.length,
    category: state.likely?.category ?? null,
    probability: state.likely?.probability ?? null,
  };
  return { events: [event], settled: 1 };
}
