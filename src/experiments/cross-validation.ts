import { ProblemsError, problem } from '../problems/problem.js';
import type { HeldOut } from '../protocol/held-out.js';
import type { RunSpec } from '../protocol/methods/index.js';
import type { CloneExperimentInput } from './clone.input.js';

/** The most folds of a cross-validation: each is an experiment. */
const mostFolds = 20;

const longestName = 200;

/**
 * What the experiments of a cross-validation hold out: each the rows of one fold.
 * @param labels the numbers in the column of folds, and in how many rows of each split with texts they are
 * @throws ProblemsError if the training split has less than two folds, or too many
 */
export function heldOutFolds(
  labels: readonly { readonly split: string; readonly label: string; readonly count: number }[],
  {
    column,
    trainSplit,
    textColumns,
  }: { readonly column: string; readonly trainSplit: string; readonly textColumns: readonly string[] },
): HeldOut[] {
  const examples = new Map<number, number>();
  for (const { split, label, count } of labels) {
    // A file may write one number in several ways.
    if (split === trainSplit) examples.set(Number(label), (examples.get(Number(label)) ?? 0) + count);
  }
  const folds = [...examples].sort(([a], [b]) => a - b);
  if (folds.length < 2 || folds.length > mostFolds) {
    const found = folds.length === 1 ? 'one number' : `${folds.length} different numbers`;
    const message = `Rows of the split “${trainSplit}” have ${found} in column “${column}”: folds are 2 to ${mostFolds}.`;
    const hint = 'Make a version whose recipe has the step assignFolds, and name its column.';
    throw new ProblemsError([problem(['foldColumn'], 'INVALID_VALUE', message, hint)]);
  }
  // Nothing is drawn: seed and strata are those of the folds.
  return folds.map(([number, count]) => ({
    examples: count,
    seed: 0,
    stratifyBy: [],
    keepTogether: [...textColumns],
    fold: { column, number },
  }));
}

/** The fold that a clone holds out: that of its source, unless the clone learns from other rows. */
export function keptFold(
  source: RunSpec,
  { datasetVersionId, trainSplit, validationSplit }: CloneExperimentInput,
): HeldOut | null {
  if (source.heldOut?.fold === undefined) return null;
  return datasetVersionId == null && trainSplit == null && validationSplit == null ? source.heldOut : null;
}

export function nameOfFold(name: string, number: number): string {
  const end = `, fold ${number}`;
  return `${[...name].slice(0, longestName - end.length).join('')}${end}`;
}

/** Mean and standard deviation of values of independent experiments. */
export interface Spread {
  readonly mean: number;
  /** Of the sample: the sum of squares is divided by one less than there are values. Null for a single value. */
  readonly standardDeviation: number | null;
}

/** Of finite values, of which there is at least one. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length < 2) return { mean, standardDeviation: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardDeviation: Math.sqrt(squares / (values.length - 1)) };
}
