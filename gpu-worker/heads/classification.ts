import type { Tensor } from '@tensorflow/tfjs-core';
import type { ClassificationScores } from '../../src/protocol/evaluation-scores.js';
import type { ClassificationHead, ClassificationSpec } from '../../src/protocol/heads.js';
import type { TaskPrediction } from '../../src/protocol/job.js';
import { weighClasses } from '../data/class-weights.js';
import { collateTargets } from '../data/collate.js';
import { classesOf, requireKnown, type UnknownLabels } from '../data/labels.js';
import { crossEntropy, noTarget } from '../losses/cross-entropy.js';
import { scoreClassification } from '../metrics/classification-scores.js';
import { softmaxRow } from '../metrics/cross-entropy.js';
import type { RowTargets, TargetSource, TargetsOf, TrainedHead } from './head-kind.js';
import { headToTrain } from './linear-head.js';

/** Single-label classification: softmax over C classes, cross-entropy weighted by class. */

/**
 * Turns labels, which are texts, into class numbers. Errors: ProblemError UNKNOWN_LABEL, also where the head knows none
 * of the labels.
 */
export function readTargets(
  values: readonly (string | null)[],
  { head, columns }: TargetSource,
  unknownLabels: UnknownLabels,
): RowTargets<TargetsOf<'classification'>> {
  const read = classesOf(values, head.outputs, columns[0]!, unknownLabels);
  requireKnown(values, read, head.outputs, columns[0]!);
  const { classes, unknown } = read;
  return {
    isPresent: (row) => classes[row] !== noTarget,
    keep: (rows) => ({
      kind: 'classification',
      classes: Int32Array.from(rows, (row) => classes[row] ?? noTarget),
      unknown,
    }),
  };
}

/** @param path of the head in the spec. Errors: ProblemError UNKNOWN_LABEL (of a class weight). */
export function prepare(
  task: string,
  spec: ClassificationSpec,
  { classes }: TargetsOf<'classification'>,
  path: readonly string[],
): TrainedHead {
  const { labels } = spec;
  const classWeights = weighClasses(spec.classWeights, labels, classes, [...path, 'classWeights']);
  return {
    head: headToTrain({ task, head: spec }),
    modelHead: { kind: 'classification', task, labels },
    inputs: (at, batchSize) => ({
      [`targets${at}`]: { shape: [batchSize], dtype: 'int32' },
      [`classWeights${at}`]: { shape: [labels.length], dtype: 'float32' },
    }),
    feeds: (at, { examples }, batchSize) => ({
      [`targets${at}`]: collateTargets(classes, examples, batchSize, noTarget),
      [`classWeights${at}`]: classWeights,
    }),
    loss: (at, logits, inputs) =>
      crossEntropy(logits, inputs[`targets${at}`] as Tensor, { classWeights: inputs[`classWeights${at}`] as Tensor }),
    weightOf(examples) {
      let sum = 0;
      for (const example of examples) {
        const target = classes[example] ?? noTarget;
        if (target !== noTarget) sum += classWeights[target] ?? 0;
      }
      return sum;
    },
  };
}

/** @param logits [N,C] */
export function score(
  head: ClassificationHead,
  logits: Float32Array,
  { classes, unknown }: TargetsOf<'classification'>,
): ClassificationScores {
  return scoreClassification(head, logits, classes, unknown);
}

/** The labels by descending probability; equal ones stay in the head's order. @param logits [N,C] */
export function predict({ task, labels }: ClassificationHead, logits: Float32Array, row: number): TaskPrediction {
  const probabilities = softmaxRow(logits, row, labels.length);
  return {
    kind: 'classification',
    task,
    labels: labels
      .map((label, c) => ({ label, probability: probabilities[c] ?? 0 }))
      .sort((left, right) => right.probability - left.probability),
  };
}
