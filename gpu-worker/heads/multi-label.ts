import type { Tensor } from '@tensorflow/tfjs-core';
import type { MultiLabelScores } from '../../src/protocol/evaluation-scores.js';
import type { MultiLabelHead, MultiLabelSpec } from '../../src/protocol/heads.js';
import type { TaskPrediction } from '../../src/protocol/job.js';
import { weighLabels } from '../data/class-weights.js';
import { collateRows } from '../data/collate.js';
import { classesOf, type UnknownLabels, unknownLabel } from '../data/labels.js';
import { binaryCrossEntropy } from '../losses/binary-cross-entropy.js';
import { chooseThresholds } from '../metrics/choose-thresholds.js';
import { scoreMultiLabel } from '../metrics/multi-label-scores.js';
import { sigmoid } from '../metrics/sigmoid.js';
import { ln } from '../portable-math.js';
import type { RowTargets, TargetSource, TargetsOf, TrainedHead } from './head-kind.js';
import { headToTrain } from './linear-head.js';

/** Multi-label classification: a sigmoid for each of C labels, binary cross-entropy. */

/**
 * Turns lists of labels into rows of 0 and 1. A row without a list has no target; a row with an empty list has one.
 * Errors: ProblemError UNKNOWN_LABEL, also where each list has a label that the head does not know.
 */
export function readTargets(
  values: readonly (readonly (string | null)[] | null)[],
  { head, columns }: TargetSource,
  unknownLabels: UnknownLabels,
): RowTargets<TargetsOf<'multiLabel'>> {
  const C = head.outputs.length;
  const lists = values.map((list) => list?.filter((label) => label !== null) ?? null);
  const items = lists.flatMap((list) => list ?? []);
  const { classes } = classesOf(items, head.outputs, columns[0]!, unknownLabels);
  const firstOf = new Int32Array(lists.length + 1);
  for (const [row, list] of lists.entries()) firstOf[row + 1] = firstOf[row]! + (list?.length ?? 0);
  const classesIn = (row: number) => classes.subarray(firstOf[row], firstOf[row + 1]);
  const isKnown = (row: number) => lists[row] != null && classesIn(row).every((c) => c < C);
  // The loss is that of the others: over none it would be 0, and look like the best.
  if (items.length > 0 && !lists.some((_, row) => isKnown(row))) throw unknownLabel(items, head.outputs, columns[0]!);
  return {
    isPresent: (row) => lists[row] != null,
    keep(rows) {
      const targets = new Float32Array(rows.length * C);
      const unknown = new Map<number, readonly string[]>();
      for (const [example, row] of rows.entries()) {
        for (const c of classesIn(row)) if (c < C) targets[example * C + c] = 1;
        if (lists[row] == null || isKnown(row)) continue;
        unknown.set(example, [...new Set(lists[row].filter((_, item) => classesIn(row)[item]! >= C))]);
      }
      return {
        kind: 'multiLabel',
        values: targets,
        present: Float32Array.from(rows, (row) => (lists[row] == null ? 0 : 1)),
        unknown,
      };
    },
  };
}

/** @param path of the head in the spec. Errors: ProblemError UNKNOWN_LABEL (of a class weight). */
export function prepare(
  task: string,
  spec: MultiLabelSpec,
  targets: TargetsOf<'multiLabel'>,
  path: readonly string[],
): TrainedHead {
  const { labels, thresholds } = spec;
  const C = labels.length;
  const positiveWeights = weighLabels(spec.classWeights, labels, targets, [...path, 'classWeights']);
  const given = new Map(
    thresholds.kind === 'given' ? thresholds.thresholds.map((each) => [each.label, each.threshold]) : [],
  );
  return {
    head: headToTrain({ task, head: spec }),
    initialBias: logOdds(targets, positiveWeights),
    modelHead: { kind: 'multiLabel', task, labels, thresholds: labels.map((label) => given.get(label) ?? 0.5) },
    inputs: (at, batchSize) => ({
      [`targets${at}`]: { shape: [batchSize, C], dtype: 'float32' },
      [`present${at}`]: { shape: [batchSize], dtype: 'float32' },
      [`positiveWeights${at}`]: { shape: [C], dtype: 'float32' },
    }),
    feeds: (at, { examples }, batchSize) => ({
      [`targets${at}`]: collateRows(targets.values, C, examples, batchSize),
      [`present${at}`]: collateRows(targets.present, 1, examples, batchSize),
      [`positiveWeights${at}`]: positiveWeights,
    }),
    loss: (at, logits, inputs) =>
      binaryCrossEntropy(logits, inputs[`targets${at}`] as Tensor, {
        present: inputs[`present${at}`] as Tensor,
        positiveWeights: inputs[`positiveWeights${at}`] as Tensor,
      }),
    weightOf: (examples) => examples.reduce((sum, example) => sum + (targets.present[example] ?? 0), 0),
  };
}

/**
 * The logits [C] whose loss is least where nothing is known of a text: log(w · examples with the label / examples
 * without it), half an example added to either. A bias that starts at zero says one half of every label; a rare label's
 * has to go far, a learning rate a step, before what a text says can be learnt (Lin et al. 2017, arXiv:1708.02002,
 * 4.1).
 *
 * @param targets values [N,C] of 0 and 1, present [N]
 * @param positiveWeights w [C]
 */
function logOdds({ values, present }: TargetsOf<'multiLabel'>, positiveWeights: Float32Array): Float32Array {
  const C = positiveWeights.length;
  const examples = present.reduce((count, one) => count + one, 0);
  return positiveWeights.map((weight, c) => {
    let positives = 0;
    for (let row = 0; row < present.length; row++) positives += values[row * C + c] ?? 0;
    return ln((weight * (positives + 0.5)) / (examples - positives + 0.5));
  });
}

/** The head with the thresholds at which each label's F1 is highest. @param logits [N,C] */
export function withChosenThresholds(
  head: MultiLabelHead,
  logits: Float32Array,
  targets: TargetsOf<'multiLabel'>,
): MultiLabelHead {
  return { ...head, thresholds: chooseThresholds(logits, targets, head.labels.length) };
}

/** @param logits [N,C] */
export function score(head: MultiLabelHead, logits: Float32Array, targets: TargetsOf<'multiLabel'>): MultiLabelScores {
  return scoreMultiLabel(head, logits, targets);
}

/** All labels by descending probability; equal ones stay in the head's order. @param logits [N,C] */
export function predict(
  { task, labels, thresholds }: MultiLabelHead,
  logits: Float32Array,
  row: number,
): TaskPrediction {
  return {
    kind: 'multiLabel',
    task,
    labels: labels
      .map((label, c) => {
        const probability = sigmoid(logits[row * labels.length + c] ?? Number.NaN);
        const threshold = thresholds[c] ?? 0.5;
        return { label, probability, threshold, isPredicted: probability >= threshold };
      })
      .sort((left, right) => right.probability - left.probability),
  };
}
