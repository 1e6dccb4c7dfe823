import type { RegressionMeasures, RegressionScores } from '../../src/protocol/evaluation-scores.js';
import { restore, type Standardization } from '../data/target-standardization.js';
import { ratio, sumOf } from './averages.js';
import { isConstant, pearson, spearman } from './correlation.js';

export interface RegressionTask extends Standardization {
  readonly task: string;
  /** Names, in the order of the outputs. */
  readonly outputs: readonly string[];
}

/**
 * Scores of one regression task, in the unit of its targets: standardized outputs [N,K], targets [N,K] in their unit. A
 * target that is NaN is missing and left out. Definitions are scikit-learn's (`mean_squared_error`,
 * `mean_absolute_error`, `r2_score`) and SciPy's (`pearsonr`, `spearmanr`), except where a column is constant, as one
 * of fewer than two numbers is: R² is null if the targets are constant, and correlations are null if targets or
 * predictions are. The loss is that of training: over all cells, on the standardized scale. Without any target, errors
 * and loss are 0. A NaN among the outputs makes the scores of its output NaN.
 */
export function scoreRegression(task: RegressionTask, outputs: Float32Array, targets: Float64Array): RegressionScores {
  const K = task.outputs.length;
  const restored = restore(outputs, task);
  const columns = task.outputs.map((name, k) => {
    const cells = presentCells(targets, K, k);
    return {
      name,
      scale: task.scales[k] ?? 1,
      predicted: Float64Array.from(cells, (cell) => restored[cell] ?? Number.NaN),
      actual: Float64Array.from(cells, (cell) => targets[cell] ?? Number.NaN),
    };
  });
  const perOutput = columns.map(({ name, predicted, actual }) => ({
    name,
    exampleCount: actual.length,
    ...measure(predicted, actual),
  }));
  const squaredErrors = sumOf(columns, ({ predicted, actual, scale }) => squaredError(predicted, actual) / scale ** 2);
  const isExample = (row: number) => targets.subarray(row * K, (row + 1) * K).some((target) => !Number.isNaN(target));
  return {
    kind: 'regression',
    task: task.task,
    exampleCount: Array.from({ length: targets.length / K }, (_, row) => row).filter(isExample).length,
    loss: ratio(
      squaredErrors,
      sumOf(perOutput, ({ exampleCount }) => exampleCount),
    ),
    average: average(perOutput.filter(({ exampleCount }) => exampleCount > 0)),
    perOutput,
  };
}

/** The indices of the cells in column k of targets [N,K] that are not missing. */
function presentCells(targets: Float64Array, K: number, k: number): number[] {
  const cells: number[] = [];
  for (let cell = k; cell < targets.length; cell += K) if (!Number.isNaN(targets[cell])) cells.push(cell);
  return cells;
}

function measure(predicted: Float64Array, actual: Float64Array): RegressionMeasures {
  const count = actual.length;
  const residual = squaredError(predicted, actual);
  const mean = ratio(
    actual.reduce((sum, value) => sum + value, 0),
    count,
  );
  const total = actual.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const absolute = actual.reduce((sum, value, i) => sum + Math.abs((predicted[i] ?? Number.NaN) - value), 0);
  const mse = ratio(residual, count);
  return {
    mse,
    rmse: Math.sqrt(mse),
    mae: ratio(absolute, count),
    r2: isConstant(actual) ? null : 1 - residual / total,
    pearson: pearson(predicted, actual),
    spearman: spearman(predicted, actual),
  };
}

function squaredError(predicted: Float64Array, actual: Float64Array): number {
  return actual.reduce((sum, value, i) => sum + ((predicted[i] ?? Number.NaN) - value) ** 2, 0);
}

/** The mean of each measure over the outputs that have it; where none has it, null, or 0 for an error. */
function average(all: readonly RegressionMeasures[]): RegressionMeasures {
  const mean = (key: keyof RegressionMeasures): number | null => {
    const values = all.map((measures) => measures[key]).filter((value) => value !== null);
    return values.length === 0 ? null : sumOf(values, (value) => value) / values.length;
  };
  return {
    mse: mean('mse') ?? 0,
    rmse: mean('rmse') ?? 0,
    mae: mean('mae') ?? 0,
    r2: mean('r2'),
    pearson: mean('pearson'),
    spearman: mean('spearman'),
  };
}
