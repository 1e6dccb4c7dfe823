import { decomposeSymmetric } from './symmetric-eigen.js';

/** The left part of a singular value decomposition F = U S Vᵀ of features [N, D], of rank k. */
export interface Spectrum {
  readonly examples: number;
  readonly dimensions: number;
  /** [k] squares of the singular values, descending. */
  readonly squares: Float64Array;
  /** Uᵀ [k, N]: row j is the direction of `squares[j]`. */
  readonly directions: Float64Array;
}

/** Of the greatest square, what rounding may leave where a square is 0. */
const leastOfGreatest = 1e-11;

/**
 * Decomposes features [N, D] by the smaller of their two products with themselves. Takes about 5 min(N, D)³ operations.
 */
export function decompose(features: Float64Array, dimensions: number, beat: () => void): Spectrum {
  const examples = features.length / dimensions;
  const isWide = dimensions > examples;
  const size = isWide ? examples : dimensions;
  const product = isWide ? productOfRows(features, dimensions, beat) : productOfColumns(features, dimensions, beat);
  const { values, vectors } = decomposeSymmetric(product, size, beat);
  const least = leastOfGreatest * Math.max(0, values[size - 1] ?? 0);
  const kept = [...values.keys()].filter((j) => values[j]! > least).reverse();
  const squares = Float64Array.from(kept, (j) => values[j]!);
  const directions = new Float64Array(kept.length * examples);
  for (const [to, j] of kept.entries()) {
    if (to % 8 === 0) beat();
    const vector = vectors.subarray(j * size, (j + 1) * size);
    const direction = directions.subarray(to * examples, (to + 1) * examples);
    if (isWide) direction.set(vector);
    else project(features, vector, Math.sqrt(squares[to]!), direction);
  }
  return { examples, dimensions, squares, directions };
}

/** F v / length. */
function project(features: Float64Array, vector: Float64Array, length: number, into: Float64Array): void {
  const dimensions = vector.length;
  for (let n = 0, at = 0; n < into.length; n++, at += dimensions) {
    let sum = 0;
    for (let d = 0; d < dimensions; d++) sum += features[at + d]! * vector[d]!;
    into[n] = sum / length;
  }
}

/** Fᵀ F [D, D]. */
function productOfColumns(features: Float64Array, dimensions: number, beat: () => void): Float64Array {
  const product = new Float64Array(dimensions * dimensions);
  for (let start = 0; start < features.length; start += dimensions) {
    if (start % (64 * dimensions) === 0) beat();
    for (let i = 0; i < dimensions; i++) {
      const factor = features[start + i]!;
      const row = i * dimensions;
      for (let j = i; j < dimensions; j++) product[row + j]! += factor * features[start + j]!;
    }
  }
  return mirror(product, dimensions);
}

/** F Fᵀ [N, N]. */
function productOfRows(features: Float64Array, dimensions: number, beat: () => void): Float64Array {
  const examples = features.length / dimensions;
  const product = new Float64Array(examples * examples);
  for (let i = 0; i < examples; i++) {
    if (i % 8 === 0) beat();
    for (let j = i; j < examples; j++) {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += features[i * dimensions + d]! * features[j * dimensions + d]!;
      product[i * examples + j] = sum;
    }
  }
  return mirror(product, examples);
}

/** Copies what is above the diagonal to below it. */
function mirror(matrix: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) matrix[i * size + j] = matrix[j * size + i]!;
  return matrix;
}
