import { createRandom, shuffle } from '../../data/random.js';
import { fitProbe, type LabelledFeatures, predictInto } from './probe.js';

/**
 * Deals the examples of each class out to folds, one after the other, in an order that the seed determines.
 * @returns the fold of each example
 */
export function dealFolds(labels: Int32Array, folds: number, seed: number): Int32Array {
  const order = shuffle(Int32Array.from(labels.keys()), createRandom(seed));
  const foldOf = new Int32Array(labels.length);
  const dealt = new Map<number, number>();
  let classes = 0;
  for (const example of order) {
    const label = labels[example]!;
    // Classes begin with different folds, so that small ones do not all lie in the first.
    const next = dealt.get(label) ?? classes++;
    foldOf[example] = next % folds;
    dealt.set(label, next + 1);
  }
  return foldOf;
}

/**
 * What a probe says of each example that did not see it: one is fitted on all folds but the example's own.
 * @returns probabilities [N, K]
 */
export function predictOutOfFold(
  data: LabelledFeatures,
  foldOf: Int32Array,
  options: Parameters<typeof fitProbe>[2],
): Float64Array {
  const probabilities = new Float64Array(data.labels.length * data.classes);
  const folds = foldOf.reduce((most, fold) => Math.max(most, fold), -1) + 1;
  for (let fold = 0; fold < folds; fold++) {
    const examples = Int32Array.from(foldOf.keys());
    const probe = fitProbe(
      data,
      examples.filter((example) => foldOf[example] !== fold),
      options,
    );
    predictInto(
      probabilities,
      probe,
      data,
      examples.filter((example) => foldOf[example] === fold),
    );
  }
  return probabilities;
}

/**
 * The same features around their means, and scaled by one number so that they vary by 1 on average. Features keep their
 * proportions: those that are nearly always 0, such as rare words, would become huge if each had the deviation 1.
 */
export function center(features: Float32Array | Float64Array, dimensions: number): Float64Array {
  const means = meansOf(features, dimensions);
  const centered = Float64Array.from(features, (value, i) => value - means[i % dimensions]!);
  const deviation = Math.sqrt(centered.reduce((sum, value) => sum + value * value, 0) / centered.length);
  return deviation > 0 ? centered.map((value) => value / deviation) : centered;
}

/** With more features that are 0, it is worth while to leave them so. */
const mostlyZero = 0.75;

/**
 * Features for a probe: around their means; those that are mostly 0, such as counts of words, are scaled alone and stay
 * 0. A probe is the same either way, since its biases are not penalized.
 */
export function standardize(features: Float32Array | Float64Array, dimensions: number): Float64Array {
  let zeros = 0;
  for (const value of features) if (value === 0) zeros++;
  if (zeros < mostlyZero * features.length) return center(features, dimensions);
  const means = meansOf(features, dimensions);
  let squares = 0;
  for (let i = 0; i < features.length; i++) squares += (features[i]! - means[i % dimensions]!) ** 2;
  const deviation = Math.sqrt(squares / features.length);
  return Float64Array.from(features, (value) => (deviation > 0 ? value / deviation : value));
}

function meansOf(features: Float32Array | Float64Array, dimensions: number): Float64Array {
  const means = new Float64Array(dimensions);
  for (let i = 0; i < features.length; i++) means[i % dimensions]! += (features[i]! * dimensions) / features.length;
  return means;
}
