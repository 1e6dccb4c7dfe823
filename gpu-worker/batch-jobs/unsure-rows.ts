import type { ItemPrediction, PickRowsBy } from '../../src/protocol/feedback/make-items-job.js';
import type { TaskPrediction } from '../../src/protocol/job.js';
import { kCenter } from '../../src/statistics/next-units/k-center.js';
import { closeness, voteEntropy } from '../../src/statistics/next-units/scores.js';

/** What a head says of a text, and how unsure it is of it. */
export type Unsure = Pick<ItemPrediction, 'labels' | 'uncertainty'>;

/**
 * How unsure a classification head is: by entropy −Σ p·ln p in nats, or by margin 1 − (p₁ − p₂) of the two likeliest
 * labels. Of a head of independent labels the mean entropy of its decisions, or the closest of them, 1 − 2·|p − 0.5|.
 * Null of other heads, and where rows are picked by diversity.
 */
export function unsureOf(prediction: TaskPrediction, by: PickRowsBy): Unsure {
  if (prediction.kind !== 'classification' && prediction.kind !== 'multiLabel')
    return { labels: [], uncertainty: null };
  const labels = prediction.labels.map(({ label, probability }) => ({ label, probability }));
  const shares = labels.map(({ probability }) => probability);
  if (by === 'DIVERSITY') return { labels, uncertainty: null };
  if (prediction.kind === 'multiLabel') {
    const decisions = shares.map((share) => (by === 'ENTROPY' ? voteEntropy([share, 1 - share]) : closeness(share)));
    const sum = decisions.reduce((total, each) => total + each, 0);
    return { labels, uncertainty: by === 'ENTROPY' ? sum / decisions.length : Math.max(...decisions) };
  }
  const [first = 0, second = 0] = shares;
  return { labels, uncertainty: by === 'ENTROPY' ? voteEntropy(shares) : 1 - (first - second) };
}

/** Places of the `most` unsure, the most unsure first; of several as unsure the first. */
export function mostUnsure(uncertainties: readonly number[], most: number): number[] {
  return [...uncertainties.keys()].sort((a, b) => uncertainties[b]! - uncertainties[a]! || a - b).slice(0, most);
}

/**
 * Places of `most` texts that cover all of them, each next one the farthest from those before it, by the angle between
 * their vectors.
 * @param features [N, width] row by row; they are made of length 1
 */
export function mostDiverse(features: Float32Array, width: number, most: number): number[] {
  const units = features.length / width;
  for (let unit = 0; unit < units; unit++) {
    const row = features.subarray(unit * width, (unit + 1) * width);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) for (let i = 0; i < width; i++) row[i]! /= length;
  }
  return kCenter(features, width, Math.min(most, units));
}
