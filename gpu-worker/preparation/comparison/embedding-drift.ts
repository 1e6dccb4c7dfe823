import { center, dealFolds, predictOutOfFold } from '../report/cross-validation.js';

const folds = 5;

/** How far the texts of two versions are from one another in a frozen model's space. */
interface EmbeddingDrift {
  /** Cosine of the mean vectors: 1 where they point the same way. */
  readonly centroidCosine: number;
  /**
   * How well a cross-validated probe tells the versions apart: the area under its ROC curve, 0.5 where it can not
   * (a domain classifier, as in Rabanser, Günnemann and Lipton 2019, “Failing Loudly”).
   */
  readonly classifierAuc: number;
  /** Standard error of the area where there is no drift: √((n + m + 1) / (12 n m)) (Mann and Whitney 1947). */
  readonly standardError: number;
}

/** @param one features [N, D] of the first version, @param two [M, D] of the second. Null: too few for the folds */
export function measureDrift(
  one: Float32Array,
  two: Float32Array,
  dimensions: number,
  seed: number,
  beat: () => void,
): EmbeddingDrift | null {
  const first = one.length / dimensions;
  const second = two.length / dimensions;
  if (first < folds || second < folds) return null;
  const features = new Float32Array(one.length + two.length);
  features.set(one);
  features.set(two, one.length);
  const labels = new Int32Array(first + second).fill(1, first);
  const data = { features: center(features, dimensions), labels, dimensions, classes: 2 };
  const probabilities = predictOutOfFold(data, foldsOfVectors(features, dimensions, seed), { c: 0.1, beat });
  const scores = Float64Array.from(labels, (_, example) => probabilities[2 * example + 1]!);
  return {
    centroidCosine: cosine(meanOf(one, dimensions), meanOf(two, dimensions)),
    classifierAuc: areaUnderCurve(scores, labels),
    standardError: Math.sqrt((first + second + 1) / (12 * first * second)),
  };
}

/**
 * Equal vectors are in one fold: most rows of a version are in the next one, too. If a probe saw one of them with the
 * label of its version, it would say the wrong version of the other, and the area would be far below 0.5.
 */
function foldsOfVectors(features: Float32Array, dimensions: number, seed: number): Int32Array {
  const numbers = new Map<string, number>();
  const bytes = Buffer.from(features.buffer, features.byteOffset, features.byteLength);
  const vectors = Int32Array.from({ length: features.length / dimensions }, (_, example) => {
    const key = bytes.toString('latin1', example * dimensions * 4, (example + 1) * dimensions * 4);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
  const foldOf = dealFolds(new Int32Array(numbers.size), folds, seed);
  return vectors.map((vector) => foldOf[vector]!);
}

/** The probability that an example of label 1 has a greater score than one of label 0; equal scores count half. */
export function areaUnderCurve(scores: Float64Array, labels: Int32Array): number {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  let ranks = 0;
  for (let first = 0; first < order.length; ) {
    let end = first;
    while (end < order.length && scores[order[end]!] === scores[order[first]!]) end++;
    // Equal scores share the mean of their ranks, which count from 1.
    const rank = (first + 1 + end) / 2;
    for (let i = first; i < end; i++) if (labels[order[i]!] === 1) ranks += rank;
    first = end;
  }
  const positive = labels.reduce((sum, label) => sum + label, 0);
  return (ranks - (positive * (positive + 1)) / 2) / (positive * (labels.length - positive));
}

function meanOf(features: Float32Array, dimensions: number): Float64Array {
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < features.length; i++) mean[i % dimensions]! += (features[i]! * dimensions) / features.length;
  return mean;
}

function cosine(one: Float64Array, two: Float64Array): number {
  let product = 0;
  let ones = 0;
  let twos = 0;
  for (let i = 0; i < one.length; i++) {
    product += one[i]! * two[i]!;
    ones += one[i]! * one[i]!;
    twos += two[i]! * two[i]!;
  }
  return ones === 0 || twos === 0 ? 0 : Math.max(-1, Math.min(1, product / Math.sqrt(ones * twos)));
}
