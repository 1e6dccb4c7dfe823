/** How each of K outputs is standardized: z = (value − mean) / scale. */
export interface Standardization {
  /** [K] in the unit of the targets. */
  readonly means: readonly number[];
  /** [K], as the means; never 0. */
  readonly scales: readonly number[];
}

/**
 * Measures the mean and standard deviation of each output: targets [N,K], of which a missing one is NaN and left out.
 * As scikit-learn's StandardScaler does, it takes the deviation of a population (divisor N), and a scale of 1 where the
 * deviation is 0 within rounding. An output without any target has mean 0 and scale 1.
 */
export function measureTargets(targets: Float64Array, outputCount: number): Standardization {
  const columns = Array.from({ length: outputCount }, (_, k) =>
    targets.filter((target, cell) => cell % outputCount === k && !Number.isNaN(target)),
  );
  const means = columns.map(meanOf);
  const scales = columns.map((column, k) => {
    const mean = means[k] ?? 0;
    const variance = meanOf(column.map((target) => (target - mean) ** 2));
    const count = column.length;
    // The variance that equal numbers may have by rounding alone (scikit-learn's `_is_constant_feature`).
    const ofRounding = count * Number.EPSILON * variance + (count * mean * Number.EPSILON) ** 2;
    return variance <= ofRounding ? 1 : Math.sqrt(variance);
  });
  return { means, scales };
}

/**
 * The same for a head without a bias, whose outputs the mean cannot be added to: means of 0, and the root mean square
 * of each output as its scale.
 */
export function measureAroundZero(targets: Float64Array, outputCount: number): Standardization {
  const squares = Array.from({ length: outputCount }, (_, k) =>
    meanOf(targets.filter((target, cell) => cell % outputCount === k && !Number.isNaN(target)).map((one) => one ** 2)),
  );
  return { means: squares.map(() => 0), scales: squares.map((square) => (square === 0 ? 1 : Math.sqrt(square))) };
}

/** Targets [N,K] on the scale that a head learns on; 0 where one is missing (NaN), for a graph that masks it. */
export function standardize(targets: Float64Array, { means, scales }: Standardization): Float32Array {
  const K = means.length;
  return Float32Array.from(targets, (target, cell) =>
    Number.isNaN(target) ? 0 : (target - (means[cell % K] ?? 0)) / (scales[cell % K] ?? 1),
  );
}

/** Turns a head's outputs [N,K] back into the unit of its targets. */
export function restore(outputs: Float32Array, { means, scales }: Standardization): Float64Array {
  const K = means.length;
  return Float64Array.from(outputs, (output, cell) => (means[cell % K] ?? 0) + (scales[cell % K] ?? 1) * output);
}

function meanOf(values: Float64Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
