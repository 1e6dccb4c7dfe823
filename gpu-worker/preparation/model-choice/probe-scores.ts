import type { ProbeMeasure } from '../../../src/protocol/recommendation/evidence.js';

/** What predictions of examples that a probe did not see are worth. */
export interface ProbeScore {
  readonly measure: ProbeMeasure;
  /** [N] whose mean is the score: comparisons of two models on the same examples go by their differences. */
  readonly gains: Float64Array;
  /** The same measure without a model. */
  readonly baseline: number;
}

/** Targets of examples as columns of numbers [K][N], and what predictions of them are worth. */
export interface ProbeTargets {
  readonly columns: readonly Float64Array[];
  score(predictions: readonly Float64Array[]): ProbeScore;
}

/** One class of several for each example: a column for each class that occurs. */
export function classTargets(classes: Int32Array, classCount: number): ProbeTargets {
  const counts = new Float64Array(classCount);
  for (const each of classes) counts[each]!++;
  const occurring = [...counts.keys()].filter((each) => counts[each]! > 0);
  return {
    columns: occurring.map((each) => Float64Array.from(classes, (own) => (own === each ? 1 : 0))),
    score: (predictions) => ({
      measure: 'ACCURACY',
      gains: Float64Array.from(classes, (own, n) => (occurring[greatest(predictions, n)] === own ? 1 : 0)),
      baseline: counts.reduce((most, count) => Math.max(most, count), 0) / classes.length,
    }),
  };
}

/**
 * Any labels for each example, scored by label ranking average precision (Tsoumakas, Katakis and Vlahavas 2010, as
 * scikit-learn's `label_ranking_average_precision_score`).
 *
 * @param values [N, K] of 0 and 1, with at least one 1 for each example
 */
export function labelTargets(values: Float32Array, labelCount: number): ProbeTargets {
  const N = values.length / labelCount;
  const columns = Array.from({ length: labelCount }, (_, label) =>
    Float64Array.from({ length: N }, (_, n) => values[n * labelCount + label]!),
  );
  const frequencies = columns.map((column) => new Float64Array(N).fill(column.reduce((sum, value) => sum + value, 0)));
  const gainsOf = (predictions: readonly Float64Array[]) =>
    Float64Array.from({ length: N }, (_, n) => rankingPrecision(predictions, columns, n));
  return {
    columns,
    score: (predictions) => {
      const ofFrequencies = gainsOf(frequencies);
      return { measure: 'LABEL_RANKING', gains: gainsOf(predictions), baseline: meanOf(ofFrequencies) };
    },
  };
}

/** Numbers, scored by the share of their variance that is explained. @param values columns [K][N] */
export function numberTargets(values: readonly Float64Array[]): ProbeTargets {
  // A column that does not vary is predicted by its mean, and says nothing.
  const columns = values.filter((column) => varianceOf(column) > 0);
  const variances = columns.map(varianceOf);
  return {
    columns,
    score: (predictions) => ({
      measure: 'R2',
      gains: Float64Array.from({ length: values[0]?.length ?? 0 }, (_, n) => {
        const errors = columns.map((column, i) => (column[n]! - predictions[i]![n]!) ** 2 / variances[i]!);
        return 1 - errors.reduce((sum, each) => sum + each, 0) / Math.max(1, errors.length);
      }),
      baseline: 0,
    }),
  };
}

export function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function varianceOf(values: Float64Array): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
}

/** Of the mean of some numbers. */
export function standardErrorOf(values: Float64Array): number {
  return Math.sqrt(varianceOf(values) / Math.max(1, values.length));
}

function greatest(predictions: readonly Float64Array[], n: number): number {
  let best = 0;
  for (let k = 1; k < predictions.length; k++) if (predictions[k]![n]! > predictions[best]![n]!) best = k;
  return best;
}

/** For each label of the example, the share of its labels among all that stand as high; of these the mean. */
function rankingPrecision(predictions: readonly Float64Array[], columns: readonly Float64Array[], n: number): number {
  let sum = 0;
  let own = 0;
  for (const [label, column] of columns.entries()) {
    if (column[n] === 0) continue;
    own++;
    let above = 0;
    let right = 0;
    for (const [other, prediction] of predictions.entries()) {
      if (prediction[n]! < predictions[label]![n]!) continue;
      above++;
      if (columns[other]![n] !== 0) right++;
    }
    sum += right / above;
  }
  return own === 0 ? 0 : sum / own;
}
