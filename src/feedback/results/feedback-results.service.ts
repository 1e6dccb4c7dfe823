import type { DataSource } from 'typeorm';
import { ProblemsError, problem } from '../../problems/problem.js';
import type { FeedbackKind, FeedbackQuestion } from '../../protocol/feedback.js';
import type { Query } from '../../protocol/sql/query.js';
import type { KappaWeights } from '../../statistics/agreement/cohen-kappa.js';
import type { Level } from '../../statistics/agreement/krippendorff-alpha.js';
import type { AnnotatorMeasures } from '../../statistics/annotators/measure-annotators.js';
import type { Ties } from '../../statistics/ranking/bradley-terry.js';
import type { WinRate } from '../../statistics/ranking/win-rate.js';
import { feedbackTasksByIds } from '../feedback-task.reads.js';
import {
  answersToCompare,
  itemsToRank,
  predictionsOfTask,
  stateOfAnswers,
  timedAnswersOfTask,
  votesOfTask,
} from './feedback-results.reads.js';
import { resultLimits } from './result-limits.js';
import { giveRows } from './row-blocks.js';
import { type TaskAgreement, usualLevel } from './statistics/agreement.js';
import type { LikelyAnswers, LikelyMethod } from './statistics/likely.js';
import type { NothingRanked, RankedBy, TaskRanking } from './statistics/ranking.js';
import type { Give, StatisticsThreads } from './statistics-threads.js';

/** What the answers of a task say. Each throws ProblemsError where it can not be told, or would take too long. */
export interface FeedbackResults {
  agreement(taskId: string, options: AgreementOptions): Promise<TaskAgreement>;
  /** Of each person, those with most answers first. */
  people(taskId: string): Promise<readonly AnnotatorMeasures[]>;
  likelyAnswers(taskId: string, method: LikelyMethod | null): Promise<LikelyAnswers>;
  ranking(taskId: string, options: RankingOptions): Promise<TaskRanking | NothingRanked>;
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

  async function comparedKindOf(taskId: string): Promise<FeedbackKind> {
    const { kind } = await questionOf(taskId);
    if (kind === 'pairwise' || kind === 'ranking') return kind;
    const message = `Answers are ranked of tasks of the kinds PAIRWISE and RANKING; this one is ${kind.toUpperCase()}.`;
    throw new ProblemsError([problem([], 'CONFLICT', message)]);
  }

  /** Items are read after the answers: each answer is to one of them, whatever is answered meanwhile. */
  async function giveCompared(taskId: string, withStyle: boolean, to: Give<'ranking'>): Promise<void> {
    await giveRows(dataSource, answersToCompare(taskId), (rows) => to('answers', rows));
    await giveRows(dataSource, itemsToRank(taskId, withStyle), (rows) => to('items', rows));
  }

  async function computeLikely(taskId: string, method: LikelyMethod | null): Promise<LikelyAnswers> {
    const question = await questionOf(taskId);
    return threads.compute('likely', { question, method }, async (give) => {
      await giveRows(dataSource, votesOfTask(taskId), (rows) => give('answers', rows));
      if (method !== 'CROWDLAB') return;
      await giveRows(dataSource, predictionsOfTask(taskId), (rows) => give('predicted', rows));
    });
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
      return threads.compute(
        'agreement',
        {
          question,
          level: level ?? usualLevel(question),
          weights: weights ?? (isScale ? 'QUADRATIC' : 'NONE'),
          options: { rounds, seed },
        },
        (give) => giveRows(dataSource, answersToCompare(taskId), (rows) => give('answers', rows)),
      );
    },

    async people(taskId) {
      const question = await questionOf(taskId);
      return threads.compute('people', { question }, (give) =>
        giveRows(dataSource, timedAnswersOfTask(taskId), (rows) => give('answers', rows)),
      );
    },

    async likelyAnswers(taskId, method) {
      const key = `${taskId} ${method} ${await stateOfAnswers(query, taskId)}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const found = computeLikely(taskId, method);
      kept.set(key, found);
      // Whoever asks again has another try.
      found.catch(() => kept.delete(key));
      while (kept.size > resultLimits.keptResults) kept.delete(kept.keys().next().value!);
      return found;
    },

    async ranking(taskId, { of, baseline, ties, styleControl, rounds: asked, seed }) {
      const rounds = asked ?? (styleControl ? resultLimits.defaultStyleRounds : resultLimits.defaultRounds);
      checkRounds(rounds);
      const kind = await comparedKindOf(taskId);
      const settings = { kind, of, baseline, ties, styleControl, options: { rounds, seed } };
      return threads.compute('ranking', settings, (give) => giveCompared(taskId, styleControl, give));
    },

    async winRate(taskId, of, model, other) {
      const kind = await comparedKindOf(taskId);
      return threads.compute('winRate', { kind, of, model, other }, (give) =>
        giveCompared(taskId, false, give as Give<'ranking'>),
      );
    },
  };
}

function checkRounds(rounds: number): void {
  const { minRounds, maxRounds } = resultLimits;
  if (Number.isInteger(rounds) && rounds >= minRounds && rounds <= maxRounds) return;
  const message = `Rounds are from ${minRounds} to ${maxRounds}, not ${rounds}.`;
  throw new ProblemsError([problem(['rounds'], 'INVALID_VALUE', message)]);
}
