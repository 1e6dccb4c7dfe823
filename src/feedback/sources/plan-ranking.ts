import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import {
  type ItemsFrom,
  itemSourceLimits as limits,
  type PairRanking,
} from '../../protocol/feedback/make-items-job.js';
import type { FeedbackQuestion } from '../../protocol/feedback.js';
import { rewardHeadOf } from '../../protocol/heads.js';
import type { Query } from '../../protocol/sql/query.js';
import { requireModelOf } from '../../rewards/plan-label.js';
import type { RewardUse } from '../../rewards/reward-access.js';
import type { FeedbackOrder } from '../feedback-task.reads.js';
import type { RankPairsInput } from './item-source.input.js';

/**
 * How reward models rank the pairs of a job, its models looked up. A model that is not above chance may rank: it steers
 * nothing, and what it does not know yet is what is asked.
 * @throws ProblemsError, whose paths lead into the source
 */
export async function planRanking(
  query: Query,
  project: RewardUse['project'],
  question: FeedbackQuestion,
  input: RankPairsInput | null | undefined,
): Promise<PairRanking | null> {
  if (input == null) return null;
  const path = ['rankedBy'];
  const problems = [...checkCount(question, input, path), ...checkKeep(input.keep ?? null, path)];
  const models: PairRanking['models'] = [];
  for (const [i, modelId] of input.rewardModelIds.slice(0, limits.maxRewardModels).entries()) {
    const at = [...path, 'rewardModelIds', String(i)];
    try {
      const model = await requireModelOf(query, { modelId }, project, []);
      if (rewardHeadOf(model.manifest) === null) {
        const message = `The model “${model.name}” is no reward model.`;
        problems.push(problem(at, 'NO_HEAD', message, 'Train one by `rewardModelling`.'));
      } else if (models.some((other) => other.modelId === model.id)) {
        problems.push(problem(at, 'INVALID_VALUE', `The reward model “${model.name}” is there twice.`));
      }
      models.push({ modelId: model.id, modelDigest: model.digest });
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      problems.push(...error.problems.map((each) => ({ ...each, path: at })));
    }
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  return { by: input.by, models, keep: input.keep ?? null };
}

/** What is wrong with an order for items that a job makes: the orders by reward models go by what the job ranks by. */
export function checkOrder(
  order: FeedbackOrder,
  from: ItemsFrom['kind'],
  ranking: PairRanking | null,
): readonly InputProblem[] {
  const hint = `Set \`source.${from === 'generations' ? 'generations' : 'rows'}.rankedBy\`, or take another order.`;
  if (order === 'ENSEMBLE_DISAGREEMENT' && ranking?.by !== 'GAP_VARIANCE') {
    const message = 'The order goes by the variance of what several reward models say, and nothing computes it.';
    return [problem(['order'], 'INVALID_VALUE', message, hint)];
  }
  if (order === 'PREDICTED_GAP' && (ranking === null || ranking.by === 'GAP_VARIANCE')) {
    const message = 'The order goes by the gap that a reward model sees, and nothing computes it.';
    return [problem(['order'], 'INVALID_VALUE', message, hint)];
  }
  return [];
}

function checkCount(question: FeedbackQuestion, { by, rewardModelIds }: RankPairsInput, path: readonly string[]) {
  const { length } = rewardModelIds;
  const at = [...path, 'rewardModelIds'];
  const problems: InputProblem[] = [];
  if (question.kind !== 'pairwise') {
    const message = 'Reward models rank pairs of answers, for questions of `pairwise`.';
    problems.push(problem(path, 'INVALID_VALUE', message, 'Leave it out.'));
  }
  if (by === 'GAP_VARIANCE' ? length < 2 : length < 1) {
    const needed = by === 'GAP_VARIANCE' ? 'Two reward models at least have to differ' : 'A reward model has to score';
    problems.push(problem(at, 'REQUIRED', `${needed}, and there ${length === 1 ? 'is 1' : `are ${length}`}.`));
  } else if (by !== 'GAP_VARIANCE' && length > 1) {
    const message = `The gap is that of one reward model, and there are ${length}.`;
    problems.push(problem(at, 'TOO_LONG', message, 'Name one, or rank by GAP_VARIANCE.'));
  } else if (length > limits.maxRewardModels) {
    problems.push(problem(at, 'TOO_LONG', `At most ${limits.maxRewardModels} reward models can be named.`));
  }
  return problems;
}

function checkKeep(keep: number | null, path: readonly string[]): InputProblem[] {
  if (keep === null || (keep >= 1 && keep <= limits.maxItems)) return [];
  const message = `The value must be from 1 to ${limits.maxItems}; it is ${keep}.`;
  return [problem([...path, 'keep'], 'INVALID_VALUE', message)];
}
