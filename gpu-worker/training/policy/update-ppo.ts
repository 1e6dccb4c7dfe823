import type { MetricSample } from '../../../src/protocol/run-event.js';
import { createRandom, shuffle } from '../../data/random.js';
import { firstTargets } from '../../forward/score-tokens.js';
import { adaptedWeight } from '../../losses/policy/kl-control.js';
import {
  explainedVariance,
  generalizedAdvantages,
  tokenRewards,
  whitened,
} from '../../losses/policy/token-advantages.js';
import { clippedValueShare } from '../../losses/policy/value-loss.js';
import { metricSample } from '../../metrics/metric-samples.js';
import type { UpdateRule } from '../../optim/coefficients.js';
import { rolloutRows } from '../../rollouts/rollout-rows.js';
import type { PolicyRows } from './completion-step.js';
import type { OpenPolicy } from './open-policy.js';
import { divergenceOf, divergences, ratioSamples, rewardSamples, rolloutSamples } from './policy-metrics.js';
import { lossOf } from './policy-step.js';
import { spreadOf } from './reward-rollouts.js';
import type { UpdatedPolicy } from './update-policy.js';
import type { PpoSpec, ValueModel } from './value-model.js';
import type { WrittenGroups } from './write-groups.js';

export interface PpoUpdateOptions {
  /** Of the training, counted from 1. */
  readonly step: number;
  /** The weight of the divergence in this step. */
  readonly klWeight: number;
  /** The optimizers' rules of an update of the step, counted from 0. */
  readonly options: (update: number) => { readonly policy: UpdateRule; readonly values: UpdateRule };
}

/** What the updates of a step measured, and the weight of the divergence in the next one. */
export interface PpoUpdated extends UpdatedPolicy {
  readonly klWeight: number;
}

/** A word of the seed: it keeps the order of mini-batches apart from other random numbers. */
const miniBatchStream = 0x6d69_6e69;

/**
 * PPO's updates of a step (Schulman et al. 2017, arXiv:1707.06347; on texts Stiennon et al. 2020, arXiv:2009.01325).
 * Values of the completions' tokens are read once; rewards of tokens, advantages and returns are made of them once.
 * Then come μ epochs over the completions, each in mini-batches in an order of its own, and an update of the policy and
 * of the value model from each mini-batch. While the value model warms up, the policy stays as it is.
 */
export async function updatePpo(
  policy: Pick<OpenPolicy, 'parameters' | 'step' | 'reference'> & { readonly valueModel: ValueModel },
  spec: Pick<PpoSpec, 'algorithm' | 'iterations' | 'masksTruncated' | 'hyperparameters'>,
  { kept: { prompts, rollouts: all, scores } }: WrittenGroups,
  { step, klWeight, options }: PpoUpdateOptions,
  onBatch: () => void,
): Promise<PpoUpdated> {
  const { algorithm, iterations, hyperparameters } = spec;
  // A completion that no reward can score, or that was cut off where such are masked, teaches nothing.
  const rows = [...all.keys()].filter(
    (row) => !(Number.isNaN(scores.total[row]!) || (spec.masksTruncated && all[row]!.isTruncated)),
  );
  const ofWeight = [metricSample('train/klWeight', klWeight)];
  if (rows.length === 0) {
    return { samples: ofWeight, loss: 0, gradientNorm: 0, gap: 0, kl: null, tokens: 0, klWeight };
  }
  const rollouts = rows.map((row) => all[row]!);
  const tokens = rolloutRows(prompts, rollouts);
  const starts = firstTargets(tokens);
  const written = joined(rollouts.map(({ logProbabilities }) => logProbabilities));
  const reference = await policy.reference.score(tokens, onBatch);
  const values = await policy.valueModel.values(tokens, onBatch);
  const ofScores = Float64Array.from(rows, (row) => scores.total[row]!);
  const { klEstimator: estimator, discount, lambda } = algorithm;
  const plain = tokenRewards({ written, reference }, ofScores, starts, { klWeight, estimator });
  const rewards = algorithm.whitensRewards ? whitened(plain, false) : plain;
  const estimated = generalizedAdvantages(rewards, values, starts, { discount, lambda });
  const advantages = Float32Array.from(whitened(estimated.advantages, true));
  const returns = Float32Array.from(estimated.returns);

  const { settings } = lossOf(algorithm, 1);
  const count = Math.min(algorithm.miniBatches, rollouts.length);
  const teaches = step > algorithm.valueWarmupSteps;
  const last = { policyNorm: 0, valueNorm: 0, valueLoss: 0, clipped: 0 };
  let [loss, firstValueLoss, gap, update, isSound] = [0, 0, 0, 0, true];
  let ofRatios: readonly MetricSample[] = [];
  for (let epoch = 0; epoch < iterations && isSound; epoch++) {
    const order = shuffle(
      Int32Array.from(rollouts.keys()),
      createRandom(hyperparameters.seed, miniBatchStream, step, epoch),
    );
    for (let batch = 0; batch < count && isSound; batch++, update++) {
      const chosen = partOf(order, batch, count);
      const pick = (numbers: Float32Array) =>
        joined(Array.from(chosen, (row) => numbers.subarray(starts[row]!, starts[row + 1]!)));
      const ofBatch: PolicyRows = {
        tokens: rolloutRows(
          prompts,
          Array.from(chosen, (row) => rollouts[row]!),
        ),
        written: pick(written),
        reference: pick(reference),
        advantages: pick(advantages),
        counts: Array.from(chosen, () => true),
        beta: null,
      };
      const [before, ofReturns] = [pick(values), pick(returns)];
      const rules = options(update);
      if (teaches) {
        const result = await policy.step.run(ofBatch, onBatch);
        last.policyNorm = policy.parameters.update(rules.policy).gradientNorm;
        const ratios = ratioSamples(ofBatch, result.logProbabilities, settings);
        ofRatios = ratios.samples;
        if (update === 0) ({ loss, gap } = { loss: result.loss, gap: ratios.gap });
        if (!Number.isFinite(result.loss + last.policyNorm)) [loss, isSound] = [result.loss, false];
      }
      const learned = await policy.valueModel.learn({ tokens: ofBatch.tokens, before, returns: ofReturns }, onBatch);
      last.valueNorm = policy.valueModel.parameters.update(rules.values).gradientNorm;
      last.valueLoss = learned.loss;
      last.clipped = clippedValueShare({ values: learned.values, before, returns: ofReturns }, algorithm.valueClip);
      if (update === 0) firstValueLoss = learned.loss;
      if (!Number.isFinite(learned.loss + last.valueNorm)) [loss, isSound] = [learned.loss, false];
    }
  }
  const k1 = divergences({ tokens, written }, reference);
  const kl = k1.reduce((sum, each) => sum + each, 0) / k1.length;
  const divergence = divergenceOf(written, reference, rollouts.length);
  const { adaptiveKl } = algorithm;
  return {
    samples: [
      ...(teaches ? [metricSample('train/policyLoss', loss)] : []),
      metricSample('train/valueLoss', firstValueLoss),
      ...(teaches ? [metricSample('train/gradientNorm', last.policyNorm)] : []),
      metricSample('train/valueGradientNorm', last.valueNorm),
      ...rewardSamples('train', scores, 'reward'),
      ...ofWeight,
      ...rolloutSamples('train', all),
      ...(teaches ? [metricSample('train/logProbabilityGap', gap), ...ofRatios] : []),
      metricSample('train/valueClipped', last.clipped),
      metricSample('train/explainedVariance', explainedVariance(values, estimated.returns)),
      metricSample('train/value', spreadOf(Float64Array.from(values)).mean),
      metricSample('train/return', spreadOf(estimated.returns).mean),
      metricSample('train/kl', divergence.ofToken),
      metricSample('train/klOfCompletion', divergence.ofCompletion),
    ],
    loss,
    gradientNorm: last.policyNorm + last.valueNorm,
    gap,
    kl: divergence.ofCompletion,
    tokens: written.length,
    klWeight: adaptiveKl === null ? klWeight : adaptedWeight(klWeight, kl, rollouts.length, adaptiveKl),
  };
}

/** One of `count` parts of an order, whose lengths differ by one at most. */
function partOf(order: Int32Array, part: number, count: number): Int32Array {
  const at = (index: number) => Math.floor((index * order.length) / count);
  return order.subarray(at(part), at(part + 1));
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
