import { exp, ln } from '../../portable-math.js';
import { minimize } from './minimize.js';

/** A linear classifier on frozen features. */
export interface Probe {
  /** [K, D] */
  readonly weights: Float64Array;
  /** [K] */
  readonly biases: Float64Array;
}

export interface LabelledFeatures {
  /** [N, D], row by row. */
  readonly features: Float32Array | Float64Array;
  /** [N] of 0 … K − 1. */
  readonly labels: Int32Array;
  readonly dimensions: number;
  readonly classes: number;
}

/** With 1,000 classes and 1,000 features, so many take a second. */
const examplesPerBeat = 256;

/** Examples that are computed together: each weight is read once for all of them. */
const together = 4;

/**
 * Fits a multinomial logistic regression with an L2 penalty, which has one minimum:
 * Σ over n of −ln p(label of n | features of n) + ‖weights‖² / (2 c). Biases are not penalized. scikit-learn's
 * `LogisticRegression(C=c)` minimizes the same. The same input gives the same bits on every machine.
 *
 * @param rows the examples to learn from
 * @param options.beat is called at least once a second
 */
export function fitProbe(
  { features, labels, dimensions, classes }: LabelledFeatures,
  rows: Int32Array,
  options: {
    readonly c: number;
    readonly tolerance?: number;
    readonly maxIterations?: number;
    readonly beat?: () => void;
  },
): Probe {
  const size = classes * (dimensions + 1);
  const scores = Array.from({ length: together }, () => new Float64Array(classes));
  const sparse = sparsely({ features, dimensions });
  // The mean of the losses instead of their sum: the tolerance then means the same for every number of examples.
  const scale = 1 / rows.length;
  const penalty = scale / options.c;
  const objective = (parameters: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let loss = 0;
    for (let first = 0; first < rows.length; first += together) {
      if (first % examplesPerBeat === 0) options.beat?.();
      const block = rows.subarray(first, first + together);
      if (sparse === null) scoreBlock(scores, parameters, features, block, dimensions);
      else scoreSparse(scores, parameters, sparse, block, dimensions);
      for (const [i, example] of block.entries()) {
        const own = scores[i]!;
        const label = labels[example]!;
        const score = own[label]!;
        loss += softmaxInto(own) - score;
        own[label]! -= 1;
      }
      for (let i = block.length; i < together; i++) scores[i]!.fill(0);
      if (sparse === null) addBlock(gradient, scores, features, block, dimensions);
      else addSparse(gradient, scores, sparse, block, dimensions);
    }
    let squares = 0;
    for (let i = 0; i < size; i++) gradient[i]! *= scale;
    for (let i = 0; i < classes * dimensions; i++) {
      squares += parameters[i]! * parameters[i]!;
      gradient[i]! += penalty * parameters[i]!;
    }
    return scale * loss + (penalty / 2) * squares;
  };
  const parameters = minimize(objective, new Float64Array(size), {
    tolerance: options.tolerance ?? 1e-5,
    maxIterations: options.maxIterations ?? 200,
  });
  return {
    weights: parameters.slice(0, classes * dimensions),
    biases: parameters.slice(classes * dimensions),
  };
}

/** Writes the probabilities of the classes for some examples into their rows of `probabilities` [N, K]. */
export function predictInto(
  probabilities: Float64Array,
  { weights, biases }: Probe,
  { features, dimensions, classes }: LabelledFeatures,
  rows: Int32Array,
): void {
  const parameters = new Float64Array(weights.length + biases.length);
  parameters.set(weights);
  parameters.set(biases, weights.length);
  const scores = Array.from({ length: together }, () => new Float64Array(classes));
  for (let first = 0; first < rows.length; first += together) {
    const block = rows.subarray(first, first + together);
    scoreBlock(scores, parameters, features, block, dimensions);
    for (const [i, example] of block.entries()) {
      softmaxInto(scores[i]!);
      probabilities.set(scores[i]!, example * classes);
    }
  }
}

type Features = Float32Array | Float64Array;

/** Where the features of each example of a block begin; a block that is not full repeats its last one. */
function offsetsOf(block: Int32Array, dimensions: number): [number, number, number, number] {
  const at = (i: number) => block[Math.min(i, block.length - 1)]! * dimensions;
  return [at(0), at(1), at(2), at(3)];
}

/** Logits of a block of examples. Sums of several examples at a time: the processor does not wait for one of them. */
function scoreBlock(
  [first, second, third, fourth]: readonly Float64Array[],
  parameters: Float64Array,
  features: Features,
  block: Int32Array,
  dimensions: number,
): void {
  const [at0, at1, at2, at3] = offsetsOf(block, dimensions);
  const classes = first!.length;
  for (let k = 0, at = 0; k < classes; k++, at += dimensions) {
    let a = 0;
    let b = 0;
    let c = 0;
    let e = 0;
    for (let d = 0; d < dimensions; d++) {
      const weight = parameters[at + d]!;
      a += weight * features[at0 + d]!;
      b += weight * features[at1 + d]!;
      c += weight * features[at2 + d]!;
      e += weight * features[at3 + d]!;
    }
    const bias = parameters[classes * dimensions + k]!;
    first![k] = a + bias;
    second![k] = b + bias;
    third![k] = c + bias;
    fourth![k] = e + bias;
  }
}

/** Adds what a block of examples contributes to the gradient of the sum of losses.  */
function addBlock(
  gradient: Float64Array,
  [first, second, third, fourth]: readonly Float64Array[],
  features: Features,
  block: Int32Array,
  dimensions: number,
): void {
  const [at0, at1, at2, at3] = offsetsOf(block, dimensions);
  const classes = first!.length;
  for (let k = 0, at = 0; k < classes; k++, at += dimensions) {
    const [a, b, c, e] = [first![k]!, second![k]!, third![k]!, fourth![k]!];
    for (let d = 0; d < dimensions; d++) {
      gradient[at + d]! +=
        a * features[at0 + d]! + b * features[at1 + d]! + c * features[at2 + d]! + e * features[at3 + d]!;
    }
    gradient[classes * dimensions + k]! += a + b + c + e;
  }
}

/** Features most of which are 0: of example n, `values` and their dimensions from `starts[n]` to `starts[n + 1]`. */
interface SparseFeatures {
  readonly starts: Int32Array;
  readonly places: Int32Array;
  readonly values: Float64Array;
}

/** With more of them than these, loops over all dimensions are faster. */
const mostFilled = 0.25;

/** Null for features that are not sparse. */
function sparsely({ features, dimensions }: Pick<LabelledFeatures, 'features' | 'dimensions'>): SparseFeatures | null {
  let filled = 0;
  for (const value of features) if (value !== 0) filled++;
  if (filled > mostFilled * features.length) return null;
  const starts = new Int32Array(features.length / dimensions + 1);
  const places = new Int32Array(filled);
  const values = new Float64Array(filled);
  let end = 0;
  for (let i = 0; i < features.length; i++) {
    if (i % dimensions === 0) starts[i / dimensions] = end;
    if (features[i] === 0) continue;
    places[end] = i % dimensions;
    values[end++] = features[i]!;
  }
  starts[starts.length - 1] = end;
  return { starts, places, values };
}

function scoreSparse(
  scores: readonly Float64Array[],
  parameters: Float64Array,
  { starts, places, values }: SparseFeatures,
  block: Int32Array,
  dimensions: number,
): void {
  for (let b = 0; b < block.length; b++) {
    const own = scores[b]!;
    const [start, end] = [starts[block[b]!]!, starts[block[b]! + 1]!];
    for (let k = 0, at = 0; k < own.length; k++, at += dimensions) {
      let sum = parameters[own.length * dimensions + k]!;
      for (let i = start; i < end; i++) sum += parameters[at + places[i]!]! * values[i]!;
      own[k] = sum;
    }
  }
}

function addSparse(
  gradient: Float64Array,
  errors: readonly Float64Array[],
  { starts, places, values }: SparseFeatures,
  block: Int32Array,
  dimensions: number,
): void {
  for (let b = 0; b < block.length; b++) {
    const own = errors[b]!;
    const [start, end] = [starts[block[b]!]!, starts[block[b]! + 1]!];
    for (let k = 0, at = 0; k < own.length; k++, at += dimensions) {
      const error = own[k]!;
      for (let i = start; i < end; i++) gradient[at + places[i]!]! += error * values[i]!;
      gradient[own.length * dimensions + k]! += error;
    }
  }
}

/** Makes probabilities of logits, in place, and returns the logarithm of the sum of their exponentials. */
function softmaxInto(scores: Float64Array): number {
  let greatest = scores[0]!;
  for (const score of scores) if (score > greatest) greatest = score;
  let sum = 0;
  for (let k = 0; k < scores.length; k++) {
    scores[k] = exp(scores[k]! - greatest);
    sum += scores[k]!;
  }
  for (let k = 0; k < scores.length; k++) scores[k]! /= sum;
  return greatest + ln(sum);
}
