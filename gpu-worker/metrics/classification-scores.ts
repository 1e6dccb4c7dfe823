import type { ClassificationScores, ClassScores } from '../../src/protocol/evaluation-scores.js';
import { noTarget } from '../losses/cross-entropy.js';
import { averageScores, ratio, scoresOf, sumOf } from './averages.js';
import { argmaxOfRow, crossEntropyOfRow } from './cross-entropy.js';

export interface ScoredTask {
  readonly task: string;
  /** In the order of the logits. */
  readonly labels: readonly string[];
}

/**
 * Scores of one classification task: logits [N,C], targets [N] → accuracy, loss in nats, precision, recall and F1.
 * A row whose target is `noTarget` is left out. With no row left every score is 0; a NaN among the logits makes the
 * loss NaN. Definitions are scikit-learn's `precision_recall_fscore_support` with `zero_division=0`, over all labels of
 * the task.
 */
export function scoreClassification(
  { task, labels }: ScoredTask,
  logits: Float32Array,
  targets: Int32Array,
): ClassificationScores {
  const classCount = labels.length;
  const confusionMatrix = labels.map(() => new Array<number>(classCount).fill(0));
  let exampleCount = 0;
  let correct = 0;
  let lossSum = 0;
  for (const [row, target] of targets.entries()) {
    if (target === noTarget) continue;
    const predicted = argmaxOfRow(logits, row, classCount);
    const counts = confusionMatrix[target];
    if (counts === undefined) {
      throw new RangeError(`row ${row} has target ${target}, but ${task} has ${classCount} labels`);
    }
    counts[predicted] = (counts[predicted] ?? 0) + 1;
    exampleCount++;
    if (predicted === target) correct++;
    lossSum += crossEntropyOfRow(logits, row, classCount, target);
  }
  const perClass = labels.map((label, c) => scoreClass(label, c, confusionMatrix));
  const accuracy = ratio(correct, exampleCount);
  return {
    kind: 'classification',
    task,
    exampleCount,
    accuracy,
    loss: exampleCount === 0 ? 0 : lossSum / exampleCount,
    macro: averageScores(perClass, () => 1),
    // One label an example: every false positive is another class's false negative, so all three are the accuracy.
    micro: { precision: accuracy, recall: accuracy, f1: accuracy },
    weighted: averageScores(perClass, ({ support }) => support),
    perClass,
    confusionMatrix,
  };
}

function scoreClass(label: string, c: number, confusionMatrix: readonly (readonly number[])[]): ClassScores {
  const truePositives = confusionMatrix[c]?.[c] ?? 0;
  const support = sumOf(confusionMatrix[c] ?? [], (count) => count);
  const predicted = sumOf(confusionMatrix, (counts) => counts[c] ?? 0);
  return { label, ...scoresOf({ truePositives, predicted, support }), support };
}
