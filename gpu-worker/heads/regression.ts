import type { Tensor } from '@tensorflow/tfjs-core';
import type { RegressionScores } from '../../src/protocol/evaluation-scores.js';
import type { RegressionHead, RegressionSpec } from '../../src/protocol/heads.js';
import type { TaskPrediction } from '../../src/protocol/job.js';
import { collateRows } from '../data/collate.js';
import { measureAroundZero, measureTargets, restore, standardize } from '../data/target-standardization.js';
import { meanSquaredError } from '../losses/mean-squared-error.js';
import { scoreRegression } from '../metrics/regression-scores.js';
import type { RowTargets, TargetSource, TargetsOf, TrainedHead } from './head-kind.js';
import { headToTrain } from './linear-head.js';

/** Regression: K numbers for each text, mean squared error on targets that are standardized on the training split. */

/**
 * Turns columns of numbers into rows. A number that is missing or not finite is no target. An example counts only for
 * the outputs that it has a target of.
 */
export function readTargets(
  columns: readonly (readonly (number | null)[])[],
  { head }: TargetSource,
): RowTargets<TargetsOf<'regression'>> {
  const K = head.outputs.length;
  const numberAt = (row: number, k: number) => {
    const value = columns[k]?.[row] ?? Number.NaN;
    return Number.isFinite(value) ? value : Number.NaN;
  };
  return {
    isPresent: (row) => columns.some((_, k) => !Number.isNaN(numberAt(row, k))),
    keep(rows) {
      const values = new Float64Array(rows.length * K);
      for (const [example, row] of rows.entries()) {
        for (let k = 0; k < K; k++) values[example * K + k] = numberAt(row, k);
      }
      return { kind: 'regression', values };
    },
  };
}

/** @param hasBias whether the head has a bias, which gives the mean of the targets */
export function prepare(
  task: string,
  spec: RegressionSpec,
  { values }: TargetsOf<'regression'>,
  hasBias: boolean,
): TrainedHead {
  const outputs = spec.targetColumns;
  const K = outputs.length;
  const { means, scales } = hasBias ? measureTargets(values, K) : measureAroundZero(values, K);
  const standardized = standardize(values, { means, scales });
  const present = Float32Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1));
  return {
    head: headToTrain({ task, head: spec }),
    modelHead: { kind: 'regression', task, outputs, means: [...means], scales: [...scales] },
    inputs: (at, batchSize) => ({
      [`targets${at}`]: { shape: [batchSize, K], dtype: 'float32' },
      [`present${at}`]: { shape: [batchSize, K], dtype: 'float32' },
    }),
    feeds: (at, { examples }, batchSize) => ({
      [`targets${at}`]: collateRows(standardized, K, examples, batchSize),
      [`present${at}`]: collateRows(present, K, examples, batchSize),
    }),
    loss: (at, given, inputs) =>
      meanSquaredError(given, inputs[`targets${at}`] as Tensor, inputs[`present${at}`] as Tensor),
    weightOf(examples) {
      let sum = 0;
      for (const example of examples) for (let k = 0; k < K; k++) sum += present[example * K + k] ?? 0;
      return sum;
    },
  };
}

/** @param given the head's outputs, standardized: [N,K] */
export function score(
  head: RegressionHead,
  given: Float32Array,
  { values }: TargetsOf<'regression'>,
): RegressionScores {
  return scoreRegression(head, given, values);
}

/** The numbers in the unit of the training data. @param given the head's outputs, standardized: [N,K] */
export function predict(head: RegressionHead, given: Float32Array, row: number): TaskPrediction {
  const K = head.outputs.length;
  const values = restore(given.subarray(row * K, (row + 1) * K), head);
  return {
    kind: 'regression',
    task: head.task,
    values: head.outputs.map((name, k) => ({ name, value: values[k] ?? Number.NaN })),
  };
}
