import ln from '@stdlib/math-base-special-ln';
import { requireNumber, StatisticsError } from '../statistics-error.js';

/**
 * How undecided a decision between two is, from 0 (certain) to 1 (P = 0.5): 1 − 2·|P − 0.5|.
 *
 * @param probability of either, such as of a label of a multi-label head
 */
export function closeness(probability: number): number {
  requireNumber('probability', probability, 0, 1);
  return 1 - 2 * Math.abs(probability - 0.5);
}

/**
 * How much several reward models differ about a pair: the variance, over all of them, of r_a − r_b. What one is sure of
 * and another is sure of the contrary of was not learned yet; a pair that all find equally good has none.
 *
 * @param gaps r_a − r_b of each model, [models], at least two
 * @throws StatisticsError UNEQUAL_LENGTHS
 */
export function gapVariance(gaps: ArrayLike<number>): number {
  if (gaps.length < 2) throw new StatisticsError('UNEQUAL_LENGTHS', 'gaps', `${gaps.length} models; two can differ.`);
  const values = Array.from(gaps);
  const mean = values.reduce((sum, gap) => sum + gap / values.length, 0);
  return values.reduce((sum, gap) => sum + ((gap - mean) * (gap - mean)) / values.length, 0);
}

/**
 * How much answers to a unit differ, or how unsure a head is of it: the entropy of the labels' shares, −Σ p·ln p, in
 * nats; 0 where one label has all.
 *
 * @param counts people's answers of each label, or its probability, [labels]
 */
export function voteEntropy(counts: ArrayLike<number>): number {
  const values = Array.from(counts);
  for (const [label, count] of values.entries()) requireNumber(`counts[${label}]`, count, 0, Number.MAX_VALUE);
  const total = values.reduce((sum, count) => sum + count, 0);
  return values.reduce((sum, count) => (count === 0 ? sum : sum - (count / total) * ln(count / total)), 0);
}

/**
 * How far apart a reward model sees two answers: |r_a − r_b|. For data of direct preference optimization, pairs with a
 * large gap teach more for each label (arXiv:2603.09692); for reward models, those with a small one, or a large
 * `gapVariance`.
 */
export function predictedGap(first: number, second: number): number {
  return Math.abs(first - second);
}
