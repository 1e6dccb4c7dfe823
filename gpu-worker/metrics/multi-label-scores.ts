import type { LabelScores, MultiLabelScores } from '../../src/protocol/evaluation-scores.js';
import { exp, log1p } from '../portable-math.js';
import { averagePrecision, type RankedExamples } from './average-precision.js';
import { averageScores, type Counts, microAverage, ratio, scoresOf, sumOf } from './averages.js';
import { columnOf, type LabelColumn, type LabelTargets, presentRows } from './label-targets.js';
import { sigmoid } from './sigmoid.js';
import { describeUnknown } from './unknown-targets.js';

export interface MultiLabelTask {
  readonly task: string;
  /** In the order of the logits. */
  readonly labels: readonly string[];
  /** [C] for each label, the probability from which on it is predicted. */
  readonly thresholds: readonly number[];
}

/**
 * Scores of one multi-label task: logits [N,C], targets [N,C]. A label is predicted where σ(logit) ≥ its threshold, in
 * double precision. Definitions are scikit-learn's with `zero_division=0`: `precision_recall_fscore_support`,
 * `accuracy_score` (subset accuracy), `hamming_loss`, and `average_precision_score`, which ranks by logits here. With
 * no example every score is 0. A NaN among the logits makes the loss NaN, and its label is not predicted there.
 *
 * A label that an example has and the task does not is missed: it is one more wrong decision of the example, in subset
 * accuracy, Hamming loss, the micro average and the average over examples. Such examples are left out of the loss; in
 * the scores of labels, and their macro and weighted averages, they count with the labels that the task has.
 */
export function scoreMultiLabel(
  { task, labels, thresholds }: MultiLabelTask,
  logits: Float32Array,
  targets: LabelTargets,
): MultiLabelScores {
  const C = labels.length;
  const rows = presentRows(targets);
  const perLabel = labels.map((label, c) =>
    scoreLabel(label, thresholds[c] ?? Number.NaN, columnOf(logits, targets, C, c)),
  );
  const unknown = targets.unknown ?? new Map<number, readonly string[]>();
  const missed = sumOf(rows, (row) => unknown.get(row)?.length ?? 0);
  const perExample = rows.map((row) => {
    const { support, ...counts } = countsOfRow(row, thresholds, logits, targets.values);
    return { ...counts, support: support + (unknown.get(row)?.length ?? 0) };
  });
  const exact = perExample.filter(
    ({ truePositives, predicted, support }) => truePositives === predicted && truePositives === support,
  );
  const wrong = sumOf(perLabel, ({ falsePositives, falseNegatives }) => falsePositives + falseNegatives);
  const known = rows.filter((row) => !unknown.has(row));
  const lossSum = known.reduce((total, row) => total + lossOfRow(row, C, logits, targets.values), 0);
  const unknownTargets = describeUnknown([...unknown.values()].flat(), unknown.size);
  return {
    kind: 'multiLabel',
    task,
    exampleCount: rows.length,
    loss: ratio(lossSum, known.length * C),
    subsetAccuracy: ratio(exact.length, rows.length),
    hammingLoss: ratio(wrong + missed, rows.length * C + missed),
    micro: microAverage([...perLabel, { truePositives: 0, predicted: 0, support: missed }]),
    macro: averageScores(perLabel, () => 1),
    weighted: averageScores(perLabel, ({ support }) => support),
    samples: averageScores(perExample.map(scoresOf), () => 1),
    averagePrecision: {
      macro: ratio(
        sumOf(perLabel, ({ averagePrecision }) => averagePrecision),
        C,
      ),
      micro: averagePrecision(allCells(logits, targets, C, rows)),
    },
    perLabel,
    ...(unknownTargets === null ? {} : { unknown: unknownTargets }),
  };
}

function scoreLabel(label: string, threshold: number, column: LabelColumn): LabelScores {
  let truePositives = 0;
  let falsePositives = 0;
  let support = 0;
  for (const [row, target] of column.targets.entries()) {
    support += target;
    if (!(sigmoid(column.scores[row] ?? Number.NaN) >= threshold)) continue;
    if (target === 1) truePositives++;
    else falsePositives++;
  }
  const predicted = truePositives + falsePositives;
  const falseNegatives = support - truePositives;
  return {
    label,
    threshold,
    support,
    predicted,
    truePositives,
    falsePositives,
    falseNegatives,
    trueNegatives: column.targets.length - truePositives - falsePositives - falseNegatives,
    ...scoresOf({ truePositives, predicted, support }),
    averagePrecision: averagePrecision(column),
  };
}

function countsOfRow(row: number, thresholds: readonly number[], logits: Float32Array, values: Float32Array): Counts {
  const C = thresholds.length;
  const counts = { truePositives: 0, predicted: 0, support: 0 };
  for (const [c, threshold] of thresholds.entries()) {
    const isTrue = values[row * C + c] === 1;
    const isPredicted = sigmoid(logits[row * C + c] ?? Number.NaN) >= threshold;
    if (isTrue) counts.support++;
    if (isPredicted) counts.predicted++;
    if (isTrue && isPredicted) counts.truePositives++;
  }
  return counts;
}

/**
 * The sum over all labels of a row: log(1 + e⁻ˣ) = −log σ(x) for each true label, log(1 + eˣ) = −log(1 − σ(x)) for each
 * other.
 */
function lossOfRow(row: number, C: number, logits: Float32Array, values: Float32Array): number {
  let sum = 0;
  for (let c = 0; c < C; c++) {
    const x = logits[row * C + c] ?? Number.NaN;
    const against = values[row * C + c] === 1 ? -x : x;
    sum += Math.max(against, 0) + log1p(exp(-Math.abs(x)));
  }
  return sum;
}

/** Every label of every example as one ranking, for the micro average. */
function allCells(logits: Float32Array, targets: LabelTargets, C: number, rows: readonly number[]): RankedExamples {
  const scores = new Float64Array(rows.length * C);
  const cells = new Uint8Array(rows.length * C);
  for (const [position, row] of rows.entries()) {
    scores.set(logits.subarray(row * C, (row + 1) * C), position * C);
    cells.set(targets.values.subarray(row * C, (row + 1) * C), position * C);
  }
  return { scores, targets: cells };
}
