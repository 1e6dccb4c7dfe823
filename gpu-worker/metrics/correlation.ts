/**
 * Pearson's correlation of two columns of numbers, within [−1, 1]. It is null where a column is constant, as one of
 * fewer than two numbers is; else NaN where a column has a NaN.
 */
export function pearson(x: Float64Array, y: Float64Array): number | null {
  if (isConstant(x) || isConstant(y)) return null;
  const [xs, ys] = [unit(x), unit(y)];
  const correlation = xs.reduce((sum, value, i) => sum + value * (ys[i] ?? 0), 0);
  return Math.max(-1, Math.min(1, correlation));
}

/**
 * Spearman's rank correlation, Pearson's of the ranks: NaN where a column has a NaN, else null where one is constant.
 */
export function spearman(x: Float64Array, y: Float64Array): number | null {
  if (x.some(Number.isNaN) || y.some(Number.isNaN)) return Number.NaN;
  return pearson(ranksOf(x), ranksOf(y));
}

/** Ranks from 1 up; equal numbers share the mean of their ranks (SciPy's `rankdata`, method `average`). */
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

/** Whether all numbers are equal; true of no numbers and of a single one. */
export function isConstant(values: Float64Array): boolean {
  return values.every((value) => value === values[0]);
}

/**
 * Deviations from the mean, scaled to length 1. They are scaled twice, first by the largest, so that the squares of
 * tiny or huge deviations neither vanish nor overflow.
 */
function unit(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const deviations = values.map((value) => value - mean);
  const largest = deviations.reduce((most, deviation) => Math.max(most, Math.abs(deviation)), 0);
  const scaled = deviations.map((deviation) => deviation / largest);
  const length = Math.sqrt(scaled.reduce((sum, value) => sum + value * value, 0));
  return scaled.map((value) => value / length);
}
