import type { DataSource } from 'typeorm';
import { ProblemsError, problem } from '../../problems/problem.js';
import type { FeedbackQuestion } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';
import type { KappaWeights } from '../../statistics/agreement/cohen-kappa.js';
import type { Level } from '../../statistics/agreement/krippendorff-alpha.js';
import type { AnnotatorMeasures } from '../../statistics/annotators/measure-annotators.js';
import type { Ties } from '../../statistics/ranking/bradley-terry.js';
import type { WinRate } from '../../statistics/ranking/win-rate.js';
import { feedbackTasksByIds } from '../feedback-task.reads.js';
import { inSnapshot } from '../in-snapshot.js';
import {
  answersToCompare,
  itemsToRank,
  stateOfAnswers,
  timedAnswersOfTask,
  votesOfTask,
} from './feedback-results.reads.js';
import { resultLimits } from './result-limits.js';
import { type TaskAgreement, usualLevel } from './statistics/agreement.js';
import type { LikelyAnswers, LikelyMethod } from './statistics/likely.js';
import type { RankedBy, TaskRanking } from './statistics/ranking.js';
import type { StatisticsThreads } from './statistics-threads.js';

/** What the answers of a task say. Each throws ProblemsError where it can not be told, or would take too long. */
export interface FeedbackResults {
  agreement(taskId: string, options: AgreementOptions): Promise<TaskAgreement>;
  /** Of each person, those with most answers first. */
  people(taskId: string): Promise<readonly AnnotatorMeasures[]>;
  /** @param predicted CROWDLAB: a classifier's probabilities of the categories of `choicesOf`, by the item's row id */
  likelyAnswers(
    taskId: string,
    method: LikelyMethod | null,
    predicted?: ReadonlyMap<string, ArrayLike<number>>,
  ): Promise<LikelyAnswers>;
  /** `{ leftOutCount }` alone: nothing was compared. */
  ranking(taskId: string, options: RankingOptions): Promise<TaskRanking | { readonly leftOutCount: number }>;
  winRate(taskId: string, of: RankedBy, model: string, other: string): Promise<WinRate>;
}

interface AgreementOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Null: as the kind has it. */
  readonly level: Level | null;
  readonly weights: KappaWeights | null;
}

interface RankingOptions {
  readonly of: RankedBy;
  readonly baseline: string | null;
  readonly ties: Ties;
  readonly styleControl: boolean;
  /** Null: as many as usual. */
  readonly rounds: number | null;
  readonly seed: number;
}

export function createFeedbackResults(options: {
  readonly dataSource: DataSource;
  readonly query: Query;
  readonly threads: StatisticsThreads;
}): FeedbackResults {
  const { dataSource, query, threads } = options;
  const kept = new Map<string, Promise<LikelyAnswers>>();

  async function questionOf(taskId: string): Promise<FeedbackQuestion> {
    const [task] = await feedbackTasksByIds(query, [taskId]);
    if (task === undefined) throw new ProblemsError([problem([], 'NOT_FOUND', 'The task was deleted.')]);
    const answers = task.answerCount + task.goldAnswerCount + task.repeatCount;
    if (answers > resultLimits.maxAnswers) {
      const message = `The task has ${answers} answers; statistics are computed of at most ${resultLimits.maxAnswers}.`;
      const hint = 'Export its answers, and compute them elsewhere.';
      throw new ProblemsError([problem([], 'TOO_LONG', message, hint)]);
    }
    return task.question;
  }

  async function ranked(taskId: string, withStyle: boolean) {
    const { kind } = await questionOf(taskId);
    if (kind !== 'pairwise' && kind !== 'ranking') {
      const message = `Answers are ranked of tasks of the kinds PAIRWISE and RANKING; this one is ${kind.toUpperCase()}.`;
      throw new ProblemsError([problem([], 'CONFLICT', message)]);
    }
    // Each answer is to one of the items: none is answered for the first time between the two statements.
    return inSnapshot(dataSource, async (read) => ({
      kind,
      items: await itemsToRank(read, taskId, withStyle),
      answers: await answersToCompare(read, taskId),
    }));
  }

  async function computeLikely(
    taskId: string,
    method: LikelyMethod | null,
    predicted: ReadonlyMap<string, ArrayLike<number>> | null,
  ): Promise<LikelyAnswers> {
    const question = await questionOf(taskId);
    const answers = await votesOfTask(query, taskId);
    return threads.compute('likely', { question, answers, method, predicted });
  }

  return {
    async agreement(taskId, { rounds, seed, level, weights }) {
      checkRounds(rounds);
      const question = await questionOf(taskId);
      const isScale = question.kind === 'rating';
      for (const [name, value] of Object.entries({ level, weights })) {
        if (isScale || value === null || value === 'NOMINAL' || value === 'NONE') continue;
        const message = `${value} is for ratings; answers of ${question.kind.toUpperCase()} have no order.`;
        throw new ProblemsError([problem([name], 'INVALID_VALUE', message)]);
      }
      const answers = await answersToCompare(query, taskId);
      return threads.compute('agreement', {
        question,
        answers,
        level: level ?? usualLevel(question),
        weights: weights ?? (isScale ? 'QUADRATIC' : 'NONE'),
        options: { rounds, seed },
      });
    },

    async people(taskId) {
      const question = await questionOf(taskId);
      return threads.compute('people', { question, answers: await timedAnswersOfTask(query, taskId) });
    },

    async likelyAnswers(taskId, method, predicted) {
      if (predicted !== undefined) return computeLikely(taskId, method, predicted);
      const key = `${taskId} ${method} ${await stateOfAnswers(query, taskId)}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const found = computeLikely(taskId, method, null);
      kept.set(key, found);
      // Whoever asks again has another try.
      found.catch(() => kept.delete(key));
      while (kept.size > resultLimits.keptResults) kept.delete(kept.keys().next().value!);
      return found;
    },

    async ranking(taskId, { of, baseline, ties, styleControl, rounds: asked, seed }) {
      const rounds = asked ?? (styleControl ? resultLimits.defaultStyleRounds : resultLimits.defaultRounds);
      checkRounds(rounds);
      const request = await ranked(taskId, styleControl);
      if (styleControl) checkStyled(rounds, countPairs(request.answers, request.items));
      checkCompetitors(request.items, of);
      const options = { rounds, seed };
      return threads.compute('ranking', { ...request, of, baseline, ties, styleControl, options });
    },

    async winRate(taskId, of, model, other) {
      return threads.compute('winRate', { ...(await ranked(taskId, false)), of, model, other });
    },
  };
}

type Items = Awaited<ReturnType<typeof itemsToRank>>;

/** Comparisons at most: pairs of answers of each item, times the people who judged it. */
function countPairs(answers: readonly { readonly item: string }[], items: Items): number {
  const pairs = new Map(items.map(({ item, answers: of }) => [item, (of.length * (of.length - 1)) / 2]));
  return answers.reduce((sum, { item }) => sum + (pairs.get(item) ?? 0), 0);
}

function checkRounds(rounds: number): void {
  const { minRounds, maxRounds } = resultLimits;
  if (Number.isInteger(rounds) && rounds >= minRounds && rounds <= maxRounds) return;
  const message = `Rounds are from ${minRounds} to ${maxRounds}, not ${rounds}.`;
  throw new ProblemsError([problem(['rounds'], 'INVALID_VALUE', message)]);
}

function checkStyled(rounds: number, comparisons: number): void {
  const { maxStyledComparisons, minRounds } = resultLimits;
  if (rounds * comparisons <= maxStyledComparisons) return;
  const most = Math.floor(maxStyledComparisons / comparisons);
  const message = `${rounds} rounds of ${comparisons} comparisons are too many with control of style: their product is at most ${maxStyledComparisons}.`;
  const hint = most >= minRounds ? `Take ${most} rounds or fewer.` : 'Leave the control of style out.';
  throw new ProblemsError([problem(['rounds'], 'TOO_LONG', message, hint)]);
}

function checkCompetitors(items: Items, of: RankedBy): void {
  const written = items.flatMap(({ answers }) => answers);
  const names = new Set(
    written.map(({ modelId, settings }) => (of === 'MODELS' ? modelId : `${modelId} ${JSON.stringify(settings)}`)),
  );
  if (names.size <= resultLimits.maxCompetitors) return;
  const what = of === 'MODELS' ? 'models' : 'settings';
  const message = `Answers of ${names.size} ${what} were compared; at most ${resultLimits.maxCompetitors} are rated.`;
  throw new ProblemsError([problem(['of'], 'TOO_LONG', message)]);
}
