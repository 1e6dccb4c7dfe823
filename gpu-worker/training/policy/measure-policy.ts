import type { z } from 'zod';
import type { PolicyOptimizationSpec } from '../../../src/protocol/methods/policy-optimization.js';
import { promptText } from '../../../src/protocol/rewards/prompt-text.js';
import type { MetricSample, TextsGenerated } from '../../../src/protocol/run-event.js';
import type { TokenScorer } from '../../forward/score-tokens.js';
import { metricSample } from '../../metrics/metric-samples.js';
import type { OpenRewards } from '../../rewards/open-rewards.js';
import { rolloutRows } from '../../rollouts/rollout-rows.js';
import { type ControlPairs, measurePairs } from './control-pairs.js';
import type { HeldOutPolicy } from './guards.js';
import type { PolicyPrompt } from './load-prompts.js';
import { divergenceOf, repetitionOf, rewardSamples, rolloutSamples } from './policy-metrics.js';
import { rewardRollouts, spreadOf, withTexts } from './reward-rollouts.js';
import type { GroupTools } from './write-groups.js';

/** A policy as it answers held-out prompts. */
export interface MeasuredPolicy {
  readonly samples: readonly MetricSample[];
  readonly heldOut: Omit<HeldOutPolicy, 'step'>;
  /** Some of the completions, with their rewards. */
  readonly texts: z.infer<typeof TextsGenerated>['texts'];
}

/** Completions that people are shown. */
const shownTexts = 3;

/** A word of the seed: evaluations draw the same numbers each time, so that they differ by the policy alone. */
const evaluationStream = 0x6576_616c;

/** Answers each held-out prompt once, and measures the answers; and what the policy makes of judged ones. */
export async function measurePolicy(
  tools: GroupTools & {
    readonly control: OpenRewards | null;
    readonly pairs: ControlPairs | null;
    readonly reference: TokenScorer;
  },
  { maxTokens, hyperparameters }: PolicyOptimizationSpec,
  prompts: readonly PolicyPrompt[],
): Promise<MeasuredPolicy> {
  const words = [hyperparameters.seed, evaluationStream];
  const drawn = await tools.rollouts.write(prompts, { samples: 1, maxTokens, words }, tools.onProgress);
  const rollouts = withTexts(drawn, tools.vocabulary);
  const scores = await rewardRollouts(tools.rewards, prompts, rollouts);
  const control = tools.control === null ? null : await rewardRollouts(tools.control, prompts, rollouts);
  const reference = await tools.reference.score(rolloutRows(prompts, rollouts), tools.onProgress);
  const judged = tools.pairs === null ? null : await measurePairs(tools.pairs, tools.onProgress);
  const written = rollouts.flatMap(({ logProbabilities }) => Array.from(logProbabilities));
  const kl = divergenceOf(written, reference, rollouts.length).ofCompletion;
  const repetition = rollouts.reduce((sum, { ids }) => sum + repetitionOf(ids), 0) / rollouts.length;
  const length = written.length / rollouts.length;
  return {
    samples: [
      ...rewardSamples('validation', scores, 'reward'),
      ...(control === null ? [] : rewardSamples('validation', control, 'control')),
      ...(judged?.samples ?? []),
      ...rolloutSamples('validation', rollouts),
      metricSample('validation/kl', kl),
      metricSample('validation/repetition', repetition),
    ],
    heldOut: {
      kl,
      length,
      repetition,
      reward: spreadOf(scores.total).mean,
      control: (control?.bySource ?? []).map(({ name, values }) => ({ name, values: Array.from(values) })),
      preferences: judged?.pairs,
    },
    texts: rollouts.slice(0, shownTexts).map(({ prompt, text, isTruncated }, index) => ({
      prompt: promptText(prompts[prompt]!.prompt),
      text,
      expected: '',
      isEnded: !isTruncated,
      reward: Number.isNaN(scores.total[index]!) ? null : scores.total[index]!,
    })),
  };
}
