import type { ClassificationScores, ClassScores } from '../../src/protocol/evaluation-scores.js';
import { noTarget } from '../losses/cross-entropy.js';
import { averageScores, ratio, scoresOf, sumOf } from './averages.js';
import { argmaxOfRow, crossEntropyOfRow } from './cross-entropy.js';
import { describeUnknown, unknownAmong } from './unknown-targets.js';

export interface ScoredTask {
  readonly task: string;
  /** In the order of the logits. */
  readonly labels: readonly string[];
}

/**
 * Scores of one classification task: logits [N,C], targets [N] → accuracy, loss in nats, precision, recall and F1.
 * A row whose target is `noTarget` is left out. With no row left every score is 0; a NaN among the logits makes the
 * loss NaN. Definitions are scikit-learn's `precision_recall_fscore_support` with `zero_division=0`, over all labels of
 * the task (its argument `labels`): a row whose label is unknown (C + i for `unknown[i]`) is wrong, which the accuracy
 * shows, and the precision of the label that is predicted for it; it is left out of the loss.
 */
export function scoreClassification(
  task: ScoredTask,
  logits: Float32Array,
  targets: Int32Array,
  unknown: readonly string[] = [],
): ClassificationScores {
  return scoreClasses(task, logits, targets, unknown).scores;
}

/** The same, with how often each class is predicted [C]. */
export function scoreClasses(
  { task, labels }: ScoredTask,
  logits: Float32Array,
  targets: Int32Array,
  unknown: readonly string[],
): { readonly scores: ClassificationScores; readonly predictedCounts: readonly number[] } {
  const classCount = labels.length;
  const confusionMatrix = labels.map(() => new Array<number>(classCount).fill(0));
  const predictedCounts = new Array<number>(classCount).fill(0);
  let exampleCount = 0;
  let knownCount = 0;
  let correct = 0;
  let lossSum = 0;
  for (const [row, target] of targets.entries()) {
    if (target === noTarget) continue;
    const predicted = argmaxOfRow(logits, row, classCount);
    predictedCounts[predicted] = (predictedCounts[predicted] ?? 0) + 1;
    exampleCount++;
    if (unknown[target - classCount] !== undefined) continue;
    const counts = confusionMatrix[target];
    if (counts === undefined) {
      throw new RangeError(`row ${row} has target ${target}, but ${task} has ${classCount} labels`);
    }
    counts[predicted] = (counts[predicted] ?? 0) + 1;
    knownCount++;
    if (predicted === target) correct++;
    lossSum += crossEntropyOfRow(logits, row, classCount, target);
  }
  const perClass = labels.map((label, c) => scoreClass(label, c, confusionMatrix, predictedCounts[c] ?? 0));
  const accuracy = ratio(correct, exampleCount);
  const unknownTargets = describeUnknown(unknownAmong(targets, unknown, classCount));
  const scores: ClassificationScores = {
    kind: 'classification',
    task,
    exampleCount,
    accuracy,
    loss: knownCount === 0 ? 0 : lossSum / knownCount,
    macro: averageScores(perClass, () => 1),
    // One label an example: every false positive is another class's false negative, if only an unknown class's, so all
    // three are the accuracy.
    micro: { precision: accuracy, recall: accuracy, f1: accuracy },
    weighted: averageScores(perClass, ({ support }) => support),
    perClass,
    confusionMatrix,
    ...(unknownTargets === null ? {} : { unknown: unknownTargets }),
  };
  return { scores, predictedCounts };
}

function scoreClass(
  label: string,
  c: number,
  confusionMatrix: readonly (readonly number[])[],
  predicted: number,
): ClassScores {
  const truePositives = confusionMatrix[c]?.[c] ?? 0;
  const support = sumOf(confusionMatrix[c] ?? [], (count) => count);
  return { label, ...scoresOf({ truePositives, predicted, support }), support };
}
