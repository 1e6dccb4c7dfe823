import ln from '@stdlib/math-base-special-ln';
import { requireCount } from '../statistics-error.js';

/**
 * With which weight each of n samples, in ascending order, is the best of k that are drawn without repetition:
 * C(i−1, k−1) / C(n, k) for i = 1 … n, computed from the greatest down by w(i−1) = w(i) · (i − k) / (i − 1), so that no
 * binomial overflows. Their sum is 1.
 */
export function bestOfWeights(n: number, k: number): Float64Array {
  requireCount('n', n, 1);
  requireCount('k', k, 1);
  if (k > n) throw new RangeError(`the best of ${k} can not be estimated from ${n} samples`);
  const weights = new Float64Array(n);
  weights[n - 1] = k / n;
  for (let i = n; i > 1; i--) weights[i - 2] = (weights[i - 1]! * Math.max(0, i - k)) / (i - 1);
  return weights;
}

/**
 * The expected value of the sample with the greatest score among k of n, for k = 1 … n, [n]: unbiased, from one batch
 * (Nakano et al. 2021, “WebGPT”, appendix I, with values beside the scores). Samples of equal scores are equally likely
 * to be taken, so that they share the mean of their values.
 *
 * @param scores by which the best is chosen, [n], finite
 * @param values what is asked of the chosen one, [n]; NaN makes the results NaN that depend on it
 */
export function expectedOfBest(scores: ArrayLike<number>, values: ArrayLike<number> = scores): Float64Array {
  const n = scores.length;
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const shared = new Float64Array(n);
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && scores[order[end]!] === scores[order[start]!]) end++;
    let sum = 0;
    for (let i = start; i < end; i++) sum += values[order[i]!]!;
    shared.fill(sum / (end - start), start, end);
    start = end;
  }
  return Float64Array.from({ length: n }, (_, at) => {
    const weights = bestOfWeights(n, at + 1);
    let expected = 0;
    // A weight of 0 takes no part, whatever the value.
    for (let i = at; i < n; i++) expected += weights[i]! * shared[i]!;
    return expected;
  });
}

/** No best of k is further than ln k − (k − 1) / k nats from the model (Beirami et al. 2024, theorem 3.1). */
export function klBoundOfBest(k: number): number {
  return ln(k) - (k - 1) / k;
}
