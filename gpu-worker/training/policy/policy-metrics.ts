import type { MetricSample } from '../../../src/protocol/run-event.js';
import { firstTargets } from '../../forward/score-tokens.js';
import type { PolicyLossSettings } from '../../losses/policy/clipped-policy-loss.js';
import { shareInRow } from '../../losses/policy/token-weights.js';
import { metricSample } from '../../metrics/metric-samples.js';
import { exp } from '../../portable-math.js';
import type { Scores } from '../../rewards/open-rewards.js';
import type { Rollout } from '../../rollouts/open-rollouts.js';
import type { PolicyRows } from './completion-step.js';
import { spreadOf } from './reward-rollouts.js';

/** What rollouts say of themselves, under `split`: lengths count the token that ends a completion. */
export function rolloutSamples(split: string, rollouts: readonly Rollout[]): MetricSample[] {
  const lengths = rollouts.map(({ ids }) => ids.length);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const entropy = rollouts.reduce((sum, { entropies }) => sum + entropies.reduce((all, each) => all + each, 0), 0);
  const truncated = rollouts.filter(({ isTruncated }) => isTruncated).length;
  return [
    metricSample(`${split}/length`, tokens / rollouts.length),
    metricSample(`${split}/leastLength`, Math.min(...lengths)),
    metricSample(`${split}/mostLength`, Math.max(...lengths)),
    metricSample(`${split}/truncatedShare`, truncated / rollouts.length),
    metricSample(`${split}/entropy`, entropy / tokens),
  ];
}

/** Means of the rewards, and how much completions differ by them. A reward that no completion has is left out. */
export function rewardSamples(split: string, scores: Scores, measure: 'reward' | 'control'): MetricSample[] {
  const named = scores.bySource.flatMap(({ name, values }) => {
    const { mean, deviation } = spreadOf(values);
    return Number.isNaN(mean)
      ? []
      : [
          metricSample(`${split}/${name}/${measure}`, mean),
          metricSample(`${split}/${name}/${measure}Deviation`, deviation),
        ];
  });
  if (measure === 'control') return named;
  const { mean, deviation } = spreadOf(scores.total);
  return [metricSample(`${split}/reward`, mean), metricSample(`${split}/rewardDeviation`, deviation), ...named];
}

/**
 * How far the policy has gone from the one that wrote: the greatest difference of a token's ln π, the extreme ratios,
 * and the shares of tokens (or, where ratios are of completions, of completions by their tokens) whose ratio is clipped
 * below and above, if an algorithm clips them.
 */
export function ratioSamples(
  { tokens, written, advantages, counts }: PolicyRows,
  logProbabilities: Float32Array,
  clip: Pick<PolicyLossSettings, 'ratioOf' | 'low' | 'high'> | null,
): { readonly samples: readonly MetricSample[]; readonly gap: number } {
  const { ratioOf, low, high } = clip ?? { ratioOf: 'token', low: 1, high: Number.POSITIVE_INFINITY };
  const starts = firstTargets(tokens);
  let [gap, least, most] = [0, Number.POSITIVE_INFINITY, 0];
  let [all, below, above] = [0, 0, 0];
  for (const row of tokens.targetCounts.keys()) {
    const [start, end] = [starts[row]!, starts[row + 1]!];
    const share = shareInRow(ratioOf, end - start);
    let sum = 0;
    for (let i = start; i < end; i++) {
      const difference = logProbabilities[i]! - written[i]!;
      gap = Math.max(gap, Math.abs(difference));
      sum += share * difference;
    }
    for (let i = start; i < end; i++) {
      const ratio = exp(ratioOf === 'token' ? logProbabilities[i]! - written[i]! : sum);
      least = Math.min(least, ratio);
      most = Math.max(most, ratio);
      if (!counts[row]!) continue;
      all += 1;
      if (ratio < 1 - low && advantages[i]! < 0) below += 1;
      if (ratio > 1 + high && advantages[i]! > 0) above += 1;
    }
  }
  const ofClips = [
    metricSample('train/clippedLow', below / Math.max(1, all)),
    metricSample('train/clippedHigh', above / Math.max(1, all)),
  ];
  const samples = [
    metricSample('train/leastRatio', least),
    metricSample('train/mostRatio', most),
    ...(clip === null ? [] : ofClips),
  ];
  return { samples, gap };
}

/**
 * The divergence from a reference by k3, e^q − q − 1 with q = ln π_ref − ln π (Schulman 2020): of a token on average,
 * and of a completion.
 */
export function divergenceOf(
  logProbabilities: ArrayLike<number>,
  reference: ArrayLike<number>,
  completions: number,
): { readonly ofToken: number; readonly ofCompletion: number } {
  let sum = 0;
  for (let i = 0; i < reference.length; i++) {
    const q = reference[i]! - logProbabilities[i]!;
    sum += exp(q) - q - 1;
  }
  return { ofToken: sum / Math.max(1, reference.length), ofCompletion: sum / Math.max(1, completions) };
}

/** Σ over each completion's tokens of ln π − ln π_ref (k1): [R]. */
export function divergences(
  { tokens, written }: Pick<PolicyRows, 'tokens' | 'written'>,
  reference: Float32Array,
): Float64Array {
  const starts = firstTargets(tokens);
  return Float64Array.from(tokens.targetCounts, (_, row) => {
    let sum = 0;
    for (let i = starts[row]!; i < starts[row + 1]!; i++) sum += written[i]! - reference[i]!;
    return sum;
  });
}

/**
 * What pairs of completions say, in nats times β: how far the chosen one's log-ratio to the reference is above the
 * rejected one's, each of them, and the share of pairs whose chosen one is above. Nothing of algorithms without pairs.
 */
export function pairSamples(
  { tokens, reference, advantages, beta }: PolicyRows,
  logProbabilities: Float32Array,
): MetricSample[] {
  if (beta === null || reference === null) return [];
  const ratios = divergences({ tokens, written: logProbabilities }, reference);
  const starts = firstTargets(tokens);
  const pairs = tokens.targetCounts.length / 2;
  let [ofChosen, ofRejected, right] = [0, 0, 0];
  for (let pair = 0; pair < pairs; pair++) {
    const first = advantages[starts[2 * pair]!]! > 0 ? 0 : 1;
    const [chosen, rejected] = [ratios[2 * pair + first]!, ratios[2 * pair + 1 - first]!];
    ofChosen += (beta * chosen) / pairs;
    ofRejected += (beta * rejected) / pairs;
    if (chosen > rejected) right += 1;
  }
  return [
    metricSample('train/margin', ofChosen - ofRejected),
    metricSample('train/chosenRatio', ofChosen),
    metricSample('train/rejectedRatio', ofRejected),
    metricSample('train/accuracy', right / pairs),
    metricSample('train/beta', beta),
  ];
}

/** The share of a completion's trigrams of tokens that stood in it before: 0 without repetition. */
export function repetitionOf(ids: Int32Array): number {
  if (ids.length < 3) return 0;
  const seen = new Set<string>();
  for (let i = 2; i < ids.length; i++) seen.add(`${ids[i - 2]},${ids[i - 1]},${ids[i]}`);
  return 1 - seen.size / (ids.length - 2);
}
