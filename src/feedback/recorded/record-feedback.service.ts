import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { actingKeyId, actorId } from '../../access/acting-viewer.js';
import { claimKey, findFirstResult, type IdempotentRequest } from '../../access/idempotency.js';
import { inTransaction } from '../../database/transaction.js';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { requireProject } from '../../projects/require-project.js';
import { requireWithinFeedback } from '../../projects/require-quota.js';
import { checkQuestion } from '../../protocol/feedback/check-question.js';
import { checkValue } from '../../protocol/feedback/check-value.js';
import { feedbackLimits as limits } from '../../protocol/feedback/feedback-limits.js';
import type { FeedbackQuestion, FeedbackValue } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';
import { toFeedbackValue } from '../feedback-value.type.js';
import { maxSubjectCharacters, type RecordedValueInput, type RecordFeedbackInput } from './recorded-feedback.input.js';
import type { ShownTarget } from './shown.js';
import { labelProblems } from './shown-prediction.js';
import { shownTarget } from './shown-target.js';

/** Feedback from applications. Throws ProblemsError for mistakes that the client can correct. */
export interface RecordFeedbackService {
  /** Returns the row id of what was recorded. */
  record(input: RecordFeedbackInput): Promise<string>;
}

export function createRecordFeedbackService(options: {
  readonly dataSource: DataSource;
  /** Reads, from the process's pool. */
  readonly query: Query;
}): RecordFeedbackService {
  const { dataSource, query } = options;
  return {
    async record(input) {
      const project = await requireProject(query, input.projectSlug);
      const { idempotencyKey, ...asked } = input;
      const request: IdempotentRequest = {
        projectId: project.id,
        operation: 'recordFeedback',
        key: idempotencyKey ?? null,
        input: asked,
      };
      const first = await findFirstResult(query, request);
      if (first !== null) return first;
      const shown = await shownTarget(query, project, input.target);
      const { question, value } = toStored(shown, input.feedback);
      const comment = input.comment?.trim() || null;
      const subject = input.subject?.trim() || null;
      const problems = [
        ...inLength('comment', comment, limits.maxReasonCharacters),
        ...inLength('subject', subject, maxSubjectCharacters),
      ];
      if (problems.length > 0) throw new ProblemsError(problems);
      return inTransaction(dataSource, async (transaction) => {
        const newId = randomUUID();
        const claimed = await claimKey(transaction.query, request, newId);
        if (claimed !== newId) return claimed;
        await transaction.query(
          `INSERT INTO recorded_feedback (id, project_id, base_model_id, generation_id, target, content, question, value,
             comment, subject, user_id, api_key_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
          [
            newId,
            project.id,
            shown.model.id,
            shown.generationId,
            JSON.stringify(shown.target),
            JSON.stringify(shown.content),
            JSON.stringify(question),
            JSON.stringify(value),
            comment,
            subject,
            actorId(),
            actingKeyId(),
          ],
        );
        await requireWithinFeedback(transaction.query, project.id, 'records', []);
        return newId;
      });
    },
  };
}

/** What was thought of what was shown, as the answer to a question. Throws ProblemsError. */
function toStored(
  shown: ShownTarget,
  input: RecordedValueInput,
): { readonly question: FeedbackQuestion; readonly value: FeedbackValue } {
  const [question, value, field] = meant(shown, input);
  // Of a prediction, thumbs and scores are about the answer, and labels about the text.
  const { text, answers } = shown.content;
  const content = question.kind === 'labels' ? { text, answers: [] } : { text: null, answers };
  const problems = [
    ...checkQuestion(question).map(({ path: _, ...each }) => ({ ...each, path: ['feedback', field] })),
    ...checkValue(question, content, value).map(({ path: [, ...path], ...each }) => ({
      ...each,
      path: ['feedback', field, ...(field === 'thumb' ? path : [])],
    })),
  ];
  if (problems.length > 0) throw new ProblemsError(problems);
  return { question, value };
}

function meant(
  shown: ShownTarget,
  { thumb, score, labels, betterAnswer }: RecordedValueInput,
): [FeedbackQuestion, FeedbackValue, string] {
  const { head, content } = shown;
  if (thumb != null || score != null) {
    if (content.answers.length === 0) throw new ProblemsError([nothingShown(shown)]);
    if (thumb != null) {
      const question: FeedbackQuestion = { kind: 'thumbs', reasonRequired: false };
      return [question, toFeedbackValue(question, { thumbs: thumb }), 'thumb'];
    }
    const { score: rating, from, to } = score!;
    return [{ kind: 'rating', from, to, labels: [] }, { kind: 'rating', rating }, 'score'];
  }
  if (labels != null) {
    const path = ['feedback', 'labels'];
    if (head === null) {
      const message = 'A generated answer has no labels.';
      throw new ProblemsError([
        problem(path, 'INVALID_VALUE', message, 'Give a `betterAnswer`, a `thumb` or a `score`.'),
      ]);
    }
    const problems = labelProblems(head, labels, path);
    if (problems.length > 0 || !('labels' in head)) throw new ProblemsError(problems);
    const question = { kind: 'labels', classes: head.labels, several: head.kind === 'multiLabel' } as const;
    return [question, { kind: 'labels', labels }, 'labels'];
  }
  if (head !== null) {
    const message = 'A prediction is no text that could be written better.';
    const hint = 'Give the right `labels`, a `thumb` or a `score`.';
    throw new ProblemsError([problem(['feedback', 'betterAnswer'], 'INVALID_VALUE', message, hint)]);
  }
  return [{ kind: 'correction', mayBeUnchanged: false }, { kind: 'correction', text: betterAnswer! }, 'betterAnswer'];
}

function nothingShown({ head }: ShownTarget): InputProblem {
  const field = head?.kind === 'classification' || head?.kind === 'multiLabel' ? 'labels' : 'shown';
  const message = 'A thumb or a score is about what was predicted, and the input does not say what that was.';
  return problem(['target', 'prediction', field], 'REQUIRED', message, `Give \`${field}\` of the prediction.`);
}

function inLength(field: string, text: string | null, most: number): InputProblem[] {
  if (text === null || text.length <= most) return [];
  return [problem([field], 'TOO_LONG', `It has at most ${most} characters; this one has ${text.length}.`)];
}
