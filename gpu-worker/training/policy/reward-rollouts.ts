import type { PolicyAlgorithm } from '../../../src/protocol/methods/policy-optimization.js';
import type { Vocabulary } from '../../../src/tokenizer/index.js';
import { createAnswerText } from '../../generation/answer-text.js';
import {
  deviation,
  equalGroups,
  groupAdvantages,
  leaveOneOutAdvantages,
  mean,
  pairSigns,
  separateAdvantages,
} from '../../losses/policy/advantages.js';
import type { OpenRewards, Scores } from '../../rewards/open-rewards.js';
import type { Rollout } from '../../rollouts/open-rollouts.js';
import type { PolicyPrompt } from './load-prompts.js';

/** Rollouts with their texts. */
export interface WrittenRollout extends Rollout {
  /** Without the token that ended it. */
  readonly text: string;
}

/** The texts of rollouts, as people and rewards read them. */
export function withTexts(rollouts: readonly Rollout[], vocabulary: Vocabulary): WrittenRollout[] {
  return rollouts.map((rollout) => {
    const text = createAnswerText(vocabulary, []);
    const ids = rollout.isTruncated ? rollout.ids : rollout.ids.subarray(0, -1);
    return { ...rollout, text: Array.from(ids, (id) => text.feed(id).text).join('') + text.end() };
  });
}

/** Rewards of rollouts, in their order. @throws ProblemError of a source */
export function rewardRollouts(
  rewards: OpenRewards,
  prompts: readonly PolicyPrompt[],
  rollouts: readonly WrittenRollout[],
): Promise<Scores> {
  return rewards.score(
    rollouts.map(({ prompt, text, ids, isTruncated }) => ({
      prompt: prompts[prompt]!.prompt,
      text,
      tokenCount: isTruncated ? ids.length : ids.length - 1,
      row: prompts[prompt]!.columns,
    })),
  );
}

/**
 * The advantages of an update's completions, group by group: [R].
 *
 * @param divergences Σ over a completion's tokens of ln π − ln π_ref (k1), which an algorithm with the divergence in
 *   its rewards takes off them; null where nothing of the reference is known
 */
export function advantagesOf(
  { total, bySource }: Scores,
  divergences: Float64Array | null,
  G: number,
  algorithm: PolicyAlgorithm,
): Float64Array {
  switch (algorithm.kind) {
    case 'rloo': {
      const { klWeight, normalizesAdvantages } = algorithm;
      const rewards = divergences === null ? total : total.map((reward, row) => reward - klWeight * divergences[row]!);
      return leaveOneOutAdvantages(rewards, G, normalizesAdvantages);
    }
    case 'grpo':
      return algorithm.separatesRewards
        ? separateAdvantages(bySource, G)
        : groupAdvantages(total, G, algorithm.scaling);
    case 'onlineDpo':
      return pairSigns(total);
    case 'ppo':
      throw new RangeError('advantages of PPO are those of tokens: see `updatePpo`');
    default:
      return algorithm satisfies never;
  }
}

/** Whether a group tells nothing apart: with rewards that are standardized one by one, if none of them does. */
export function groupsWithoutSignal({ total, bySource }: Scores, G: number, algorithm: PolicyAlgorithm): boolean[] {
  // Values tell completions apart, of whatever prompt they are.
  if (algorithm.kind === 'ppo') return Array.from({ length: total.length / G }, () => false);
  if (algorithm.kind !== 'grpo' || !algorithm.separatesRewards) return equalGroups(total, G);
  const each = bySource.map(({ values }) => equalGroups(values, G));
  return each[0]!.map((_, group) => each.every((groups) => groups[group]!));
}

/** Rewards of rollouts, with what an algorithm takes off those that the limit cut off. */
export function withPenalty(
  scores: Scores,
  rollouts: readonly Pick<Rollout, 'isTruncated'>[],
  algorithm: PolicyAlgorithm,
): Scores {
  const penalty = 'missingEndPenalty' in algorithm ? algorithm.missingEndPenalty : null;
  if (penalty === null) return scores;
  return { ...scores, total: scores.total.map((reward, row) => reward - (rollouts[row]!.isTruncated ? penalty : 0)) };
}

/** The middle and the spread of rewards. */
export const spreadOf = (values: Float64Array) => ({ mean: mean(values), deviation: deviation(values) });
