import { ln } from '../../portable-math.js';
import type { Spectrum } from './spectrum.js';

const mostSteps = 100;
const relativeChange = 1e-6;

/** Keeps the precisions finite where features explain a target wholly, as the authors' program does. */
const epsilon = 1e-5;

const lnOf2Pi = 1.8378770664093453;

/**
 * LogME (You et al. 2021, "LogME: Practical Assessment of Pre-trained Models for Transfer Learning", arXiv:2102.11005,
 * algorithm 1): the logarithm of the maximum evidence p(y | F, α, β) of a linear model with a normal prior on its
 * weights, divided by the number of examples; the mean over the targets. Higher means that a linear model on the
 * features explains the targets better than by as many weights as they are.
 *
 * @param spectrum of the features, as they are
 * @param targets columns [N]: of a classification, 1 for the examples of a class and 0 for others
 */
export function logMe(spectrum: Spectrum, targets: readonly Float64Array[]): number {
  return targets.reduce((sum, target) => sum + evidence(spectrum, target), 0) / targets.length;
}

function evidence({ examples: N, dimensions: D, squares, directions }: Spectrum, target: Float64Array): number {
  const shares = projections(directions, target, squares.length);
  const explained = shares.reduce((sum, share) => sum + share, 0);
  const outside = Math.max(0, target.reduce((sum, y) => sum + y * y, 0) - explained);
  // Precisions of the weights (alpha) and of the noise (beta), each the best given the other.
  let [alpha, beta] = [1, 1];
  let weights = 0;
  let residual = 0;
  for (let step = 0; step < mostSteps; step++) {
    const ratio = alpha / beta;
    let effective = 0;
    weights = 0;
    residual = outside;
    for (const [j, square] of squares.entries()) {
      const sum = square + ratio;
      effective += square / sum;
      weights += (square * shares[j]!) / (sum * sum);
      residual += shares[j]! * (ratio / sum) ** 2;
    }
    alpha = effective / (weights + epsilon);
    beta = (N - effective) / (residual + epsilon);
    if (Math.abs(alpha / beta - ratio) <= relativeChange * ratio) break;
  }
  // Directions that the features do not have keep the precision of the prior.
  let logDeterminant = (D - squares.length) * ln(alpha);
  for (const square of squares) logDeterminant += ln(alpha + beta * square);
  const fit = beta * (residual + epsilon) + alpha * (weights + epsilon);
  return (D * ln(alpha) + N * ln(beta) - logDeterminant - fit - N * lnOf2Pi) / (2 * N);
}

/** Squares of Uᵀ y [k]. */
function projections(directions: Float64Array, target: Float64Array, k: number): Float64Array {
  const squares = new Float64Array(k);
  for (let j = 0, at = 0; j < k; j++, at += target.length) {
    let sum = 0;
    for (let n = 0; n < target.length; n++) sum += directions[at + n]! * target[n]!;
    squares[j] = sum * sum;
  }
  return squares;
}
