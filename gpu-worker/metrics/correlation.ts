/**
 * Pearson's correlation of two columns of numbers, within [−1, 1]; null where one of them is constant or has fewer than
 * two numbers, NaN where there is a NaN.
 */
export function pearson(x: Float64Array, y: Float64Array): number | null {
  if (isConstant(x) || isConstant(y)) return null;
  const [xs, ys] = [unit(x), unit(y)];
  const correlation = xs.reduce((sum, value, i) => sum + value * (ys[i] ?? 0), 0);
  return Math.max(-1, Math.min(1, correlation));
}

/** Spearman's rank correlation: Pearson's of the ranks. Null and NaN as there. */
export function spearman(x: Float64Array, y: Float64Array): number | null {
  if (x.some(Number.isNaN) || y.some(Number.isNaN)) return Number.NaN;
  return pearson(ranksOf(x), ranksOf(y));
}

/** Ranks from 1 up; equal numbers share the mean of theirs (SciPy's `rankdata`, method `average`). */
export function ranksOf(values: Float64Array): Float64Array {
  const order = Uint32Array.from(values, (_, index) => index).sort(
    (left, right) => (values[left] ?? 0) - (values[right] ?? 0),
  );
  const ranks = new Float64Array(values.length);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[first] ?? 0]) end++;
    for (const index of order.subarray(first, end)) ranks[index] = (first + 1 + end) / 2;
    first = end;
  }
  return ranks;
}

/** Whether all numbers are equal, as none and one are. */
export function isConstant(values: Float64Array): boolean {
  return values.every((value) => value === values[0]);
}

/**
 * Deviations from the mean, scaled to length 1. Scaled twice, so that squares of tiny or huge ones do not leave the
 * range.
 */
function unit(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const deviations = values.map((value) => value - mean);
  const largest = deviations.reduce((most, deviation) => Math.max(most, Math.abs(deviation)), 0);
  const scaled = deviations.map((deviation) => deviation / largest);
  const length = Math.sqrt(scaled.reduce((sum, value) => sum + value * value, 0));
  return scaled.map((value) => value / length);
}
