import { betaOf, type PolicyOptimizationSpec } from '../../../src/protocol/methods/policy-optimization.js';
import type { MetricSample } from '../../../src/protocol/run-event.js';
import { firstTargets } from '../../forward/score-tokens.js';
import { metricSample } from '../../metrics/metric-samples.js';
import type { UpdateRule } from '../../optim/coefficients.js';
import { rolloutRows } from '../../rollouts/rollout-rows.js';
import type { PolicyRows } from './completion-step.js';
import type { OpenPolicy } from './open-policy.js';
import {
  divergenceOf,
  divergences,
  pairSamples,
  ratioSamples,
  rewardSamples,
  rolloutSamples,
} from './policy-metrics.js';
import { lossOf } from './policy-step.js';
import { advantagesOf } from './reward-rollouts.js';
import type { RewardedGroups, WrittenGroups } from './write-groups.js';

/** What the updates of a step measured. */
export interface UpdatedPolicy {
  readonly samples: readonly MetricSample[];
  /** Of the first update, whose policy is the one that wrote. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** The greatest |Δ ln π| of a token between generator and trainer. */
  readonly gap: number;
  /** Divergence from the reference, in nats a completion; null where updates do not read it. */
  readonly kl: number | null;
  /** Tokens of the completions. */
  readonly tokens: number;
  /** Of PPO alone: the weight of the divergence in the next step. */
  readonly klWeight?: number;
}

export interface UpdateOptions {
  /** Of the step, counted from 0. */
  readonly epoch: number;
  /** Whether the reference is read. */
  readonly reads: boolean;
  /** The optimizer's rule of an iteration, counted from 0. */
  readonly options: (iteration: number) => UpdateRule;
}

/**
 * Makes μ updates of a step's completions. Where no group tells anything apart, and nothing else is learned, nothing is
 * updated.
 */
export async function updatePolicy(
  policy: Pick<OpenPolicy, 'parameters' | 'step' | 'reference'>,
  spec: Pick<PolicyOptimizationSpec, 'algorithm' | 'samples' | 'iterations' | 'masksTruncated'>,
  { kept, groups, equalGroups, replacements }: WrittenGroups,
  { epoch, reads, options }: UpdateOptions,
  onBatch: () => void,
): Promise<UpdatedPolicy> {
  const ofGroups = [
    metricSample('train/equalGroups', equalGroups / groups),
    ...(replacements === 0 ? [] : [metricSample('train/replacements', replacements)]),
  ];
  if (kept.prompts.length === 0) {
    return { samples: ofGroups, loss: 0, gradientNorm: 0, gap: 0, kl: null, tokens: 0 };
  }
  const rows = await rowsOf(policy, spec, kept, { epoch, reads }, onBatch);
  let [loss, gradientNorm, gap] = [0, 0, 0];
  let [ofRatios, ofPairs]: (readonly MetricSample[])[] = [[], []];
  for (let iteration = 0; iteration < spec.iterations; iteration++) {
    const result = await policy.step.run(rows, onBatch);
    ({ gradientNorm } = policy.parameters.update(options(iteration)));
    const ratios = ratioSamples(rows, result.logProbabilities, clipOf(spec.algorithm));
    // Ratios tell something of the last iteration, and of the generator in the first.
    ofRatios = ratios.samples;
    if (iteration === 0) {
      ({ loss, gap } = { loss: result.loss, gap: ratios.gap });
      ofPairs = pairSamples(rows, result.logProbabilities);
    }
    if (!Number.isFinite(result.loss + gradientNorm)) {
      ({ loss } = result);
      break;
    }
  }
  const divergence = rows.read === null ? null : divergenceOf(rows.written, rows.read, kept.rollouts.length);
  return {
    samples: [
      metricSample('train/policyLoss', loss),
      metricSample('train/gradientNorm', gradientNorm),
      ...rewardSamples('train', kept.scores, 'reward'),
      ...ofGroups,
      ...rolloutSamples('train', kept.rollouts),
      metricSample('train/logProbabilityGap', gap),
      ...ofRatios!,
      ...ofPairs!,
      ...(divergence === null
        ? []
        : [
            metricSample('train/kl', divergence.ofToken),
            metricSample('train/klOfCompletion', divergence.ofCompletion),
          ]),
    ],
    loss,
    gradientNorm,
    gap,
    kl: divergence?.ofCompletion ?? null,
    tokens: rows.written.length,
  };
}

/** The rows of an update; `read`: what the reference says, also where the loss does not need it. */
async function rowsOf(
  { reference }: Pick<OpenPolicy, 'reference'>,
  { algorithm, samples: G, masksTruncated }: Pick<PolicyOptimizationSpec, 'algorithm' | 'samples' | 'masksTruncated'>,
  { prompts, rollouts, scores }: RewardedGroups,
  { epoch, reads }: Pick<UpdateOptions, 'epoch' | 'reads'>,
  onBatch: () => void,
): Promise<PolicyRows & { readonly read: Float32Array | null }> {
  const tokens = rolloutRows(prompts, rollouts);
  const written = new Float32Array(tokens.isTarget.reduce((sum, each) => sum + each, 0));
  let at = 0;
  for (const { logProbabilities } of rollouts) {
    written.set(logProbabilities, at);
    at += logProbabilities.length;
  }
  const read = reads ? await reference.score(tokens, onBatch) : null;
  const ofRows = advantagesOf(scores, read === null ? null : divergences({ tokens, written }, read), G, algorithm);
  const advantages = new Float32Array(written.length);
  const starts = firstTargets(tokens);
  for (const [row, advantage] of ofRows.entries()) advantages.fill(advantage, starts[row]!, starts[row + 1]!);
  return {
    tokens,
    written,
    reference: read,
    read,
    advantages,
    counts: rollouts.map(({ isTruncated }) => !(masksTruncated && isTruncated)),
    beta: algorithm.kind === 'onlineDpo' ? betaOf(algorithm, epoch) : null,
  };
}

/** From where ratios are clipped; null: the algorithm clips none. */
function clipOf(algorithm: PolicyOptimizationSpec['algorithm']) {
  return algorithm.kind === 'onlineDpo' ? null : lossOf(algorithm, 1).settings;
}
