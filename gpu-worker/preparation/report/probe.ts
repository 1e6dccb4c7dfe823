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
  const scores = new Float64Array(classes);
  // The mean of the losses instead of their sum: the tolerance then means the same for every number of examples.
  const scale = 1 / rows.length;
  const penalty = scale / options.c;
  const objective = (parameters: Float64Array, gradient: Float64Array): number => {
    gradient.fill(0);
    let loss = 0;
    for (const [i, example] of rows.entries()) {
      if (i % examplesPerBeat === 0) options.beat?.();
      const offset = example * dimensions;
      scoreInto(scores, parameters, features, offset, dimensions);
      const label = labels[example]!;
      const own = scores[label]!;
      loss += softmaxInto(scores) - own;
      scores[label]! -= 1;
      for (let k = 0, at = 0; k < classes; k++, at += dimensions) {
        const error = scores[k]!;
        for (let d = 0; d < dimensions; d++) gradient[at + d]! += error * features[offset + d]!;
        gradient[classes * dimensions + k]! += error;
      }
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
  for (const example of rows) {
    const scores = probabilities.subarray(example * classes, (example + 1) * classes);
    scoreInto(scores, parameters, features, example * dimensions, dimensions);
    softmaxInto(scores);
  }
}

/** Logits of one example. Four sums at a time: the processor does not wait for one to add the next. */
function scoreInto(
  scores: Float64Array,
  parameters: Float64Array,
  features: Float32Array | Float64Array,
  offset: number,
  dimensions: number,
): void {
  const classes = scores.length;
  const whole = dimensions - (dimensions % 4);
  for (let k = 0, at = 0; k < classes; k++, at += dimensions) {
    let a = 0;
    let b = 0;
    let c = 0;
    let e = 0;
    for (let d = 0; d < whole; d += 4) {
      a += parameters[at + d]! * features[offset + d]!;
      b += parameters[at + d + 1]! * features[offset + d + 1]!;
      c += parameters[at + d + 2]! * features[offset + d + 2]!;
      e += parameters[at + d + 3]! * features[offset + d + 3]!;
    }
    for (let d = whole; d < dimensions; d++) a += parameters[at + d]! * features[offset + d]!;
    scores[k] = a + b + (c + e) + parameters[classes * dimensions + k]!;
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
