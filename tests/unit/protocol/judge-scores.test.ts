import { describe, expect, test } from 'vitest';
import { scoreClassification } from '../../../gpu-worker/metrics/classification-scores.js';
import { scoreRegression } from '../../../gpu-worker/metrics/regression-scores.js';
import { baselinesOfScores, labelBaselines } from '../../../src/protocol/baselines.js';
import type { MultiLabelScores, TokenClassificationScores } from '../../../src/protocol/evaluation-scores.js';
import { findFewExamples, findTruncated } from '../../../src/protocol/findings.js';
import { judgeScores } from '../../../src/protocol/judge-scores.js';

/** Scores of predictions, of which each is certain. */
function classified(labels: readonly string[], targets: readonly number[], predictions: readonly number[]) {
  const logits = new Float32Array(targets.length * labels.length);
  for (const [row, prediction] of predictions.entries()) logits[row * labels.length + prediction] = 9;
  return scoreClassification({ task: 'topic', labels }, logits, Int32Array.from(targets), ['unknown']);
}

const codes = (scores: Parameters<typeof judgeScores>[0]) => judgeScores(scores).map(({ code }) => code);
const average = { precision: 0, recall: 0, f1: 0 };

describe('one class for each example', () => {
  test('is held against the most frequent class: its share, and its F1 among all classes', () => {
    // 6 of 8 are b: predicting b always has precision 6/8 and recall 1, an F1 of 12/14; the other two classes have 0.
    const scores = classified(['a', 'b', 'c'], [1, 1, 1, 1, 1, 1, 0, 2], [1, 1, 1, 1, 1, 1, 0, 0]);
    expect(baselinesOfScores(scores)).toEqual([
      { task: 'topic', measure: 'accuracy', value: 0.75, prediction: ['b'] },
      { task: 'topic', measure: 'macro.f1', value: 12 / 14 / 3, prediction: ['b'] },
    ]);
    expect(judgeScores(scores)).toEqual([]);
  });

  test('counts examples of a class that the head does not know', () => {
    // 2 of 5 are a, 2 are of an unknown class.
    const scores = classified(['a', 'b'], [0, 0, 1, 2, 2], [0, 0, 1, 0, 1]);
    expect(baselinesOfScores(scores)[0]).toMatchObject({ value: 2 / 5, prediction: ['a'] });
  });

  test('predicted always as the same class is found, also as no better than that', () => {
    expect(judgeScores(classified(['a', 'b'], [0, 0, 0, 1], [0, 0, 0, 0]))).toEqual([
      { code: 'PREDICTS_ONE_CLASS', task: 'topic', kind: 'classification', prediction: ['a'], count: 4 },
      { code: 'NOT_BETTER_THAN_BASELINE', task: 'topic', measure: 'accuracy', value: 0.75, baseline: 0.75 },
    ]);
    // Where all examples are of one class, it is right to say so.
    expect(codes(classified(['a', 'b'], [0, 0], [0, 0]))).toEqual(['NOT_BETTER_THAN_BASELINE']);
  });

  test('guessed is found; rare classes that are told apart excuse an accuracy below the most frequent class', () => {
    const targets = Array.from({ length: 200 }, (_, i) => (i < 180 ? 0 : 1));
    const guessed = classified(
      ['a', 'b'],
      targets,
      targets.map((_, i) => i % 2),
    );
    expect(codes(guessed)).toEqual(['NOT_BETTER_THAN_BASELINE']);
    // Half of the frequent class and all of the rare one: accuracy 0.55, mean recall 0.75.
    const weighted = classified(
      ['a', 'b'],
      targets,
      targets.map((target, i) => (target === 1 ? 1 : i % 2)),
    );
    expect(weighted.accuracy).toBe(0.55);
    expect(codes(weighted)).toEqual([]);
  });
});

describe('several labels', () => {
  const scores = (labels: readonly { support: number; predicted: number }[], f1: number): MultiLabelScores => ({
    kind: 'multiLabel',
    task: 'topics',
    exampleCount: 10,
    loss: 0.5,
    subsetAccuracy: 0,
    hammingLoss: 0,
    micro: { ...average, f1 },
    macro: average,
    weighted: average,
    samples: average,
    averagePrecision: { macro: 0, micro: 0 },
    perLabel: labels.map((each, i) => ({
      ...average,
      ...each,
      label: 'xyz'[i]!,
      threshold: 0.5,
      truePositives: 0,
      falsePositives: 0,
      falseNegatives: 0,
      trueNegatives: 0,
      averagePrecision: 0,
    })),
  });

  test('are held against the set of labels with the best F1', () => {
    // x alone: 2·9 / (10 + 16) = 0.692; x and y: 2·15 / (20 + 16) = 0.833; all: 2·16 / (30 + 16) = 0.696.
    expect(
      labelBaselines(
        'topics',
        [
          { label: 'z', support: 1 },
          { label: 'x', support: 9 },
          { label: 'y', support: 6 },
        ],
        10,
      ),
    ).toEqual([{ task: 'topics', measure: 'micro.f1', value: 30 / 36, prediction: ['x', 'y'] }]);
  });

  test('of which none is ever predicted are found', () => {
    expect(
      judgeScores(
        scores(
          [
            { support: 9, predicted: 0 },
            { support: 1, predicted: 0 },
          ],
          0,
        ),
      ),
    ).toEqual([
      { code: 'PREDICTS_ONE_CLASS', task: 'topics', kind: 'multiLabel', prediction: [], count: 10 },
      { code: 'NOT_BETTER_THAN_BASELINE', task: 'topics', measure: 'micro.f1', value: 0, baseline: 0.9 },
    ]);
    expect(
      codes(
        scores(
          [
            { support: 9, predicted: 8 },
            { support: 1, predicted: 0 },
          ],
          0.95,
        ),
      ),
    ).toEqual([]);
  });
});

describe('numbers', () => {
  const task = { task: 'amount', outputs: ['amount'], means: [0], scales: [1] };
  const targets = Float64Array.from([1, 2, 3, 4]);

  test('are held against their mean: R² 0, and the variance', () => {
    // The variance of 1 to 4 is 1.25.
    const [r2, mse] = baselinesOfScores(scoreRegression(task, Float32Array.from([1, 2, 3, 3]), targets));
    expect(r2).toMatchObject({ measure: 'average.r2', value: 0 });
    expect(mse!.value).toBeCloseTo(1.25, 12);
    const exact = scoreRegression(task, Float32Array.from(targets), targets);
    expect(baselinesOfScores(exact)).toEqual([]);
    expect(judgeScores(exact)).toEqual([]);
  });

  test('predicted all the same are found', () => {
    const constant = scoreRegression(task, Float32Array.from([2, 2, 2, 2]), targets);
    expect(codes(constant)).toEqual(['PREDICTS_ONE_CLASS', 'NOT_BETTER_THAN_BASELINE']);
  });
});

test('tags are held against the most frequent one, and entities against none', () => {
  const scores = (predicted: readonly number[], f1: number): TokenClassificationScores => ({
    kind: 'tokenClassification',
    task: 'things',
    exampleCount: 3,
    wordCount: 10,
    accuracy: 0.8,
    loss: 0.1,
    macro: average,
    weighted: average,
    perTag: ['O', 'B-x'].map((label, i) => ({
      ...average,
      label,
      support: [8, 2][i]!,
      predicted: predicted[i]!,
      truePositives: 0,
    })),
    entities: {
      micro: { ...average, f1 },
      macro: average,
      weighted: average,
      perType: [{ ...average, label: 'x', support: 2, predicted: predicted[1]!, truePositives: 0 }],
    },
  });
  expect(baselinesOfScores(scores([8, 2], 0.5))).toEqual([
    { task: 'things', measure: 'accuracy', value: 0.8, prediction: ['O'] },
    { task: 'things', measure: 'entities.micro.f1', value: 0, prediction: ['O'] },
  ]);
  expect(judgeScores(scores([8, 2], 0.5))).toEqual([]);
  expect(judgeScores(scores([10, 0], 0))).toEqual([
    { code: 'PREDICTS_ONE_CLASS', task: 'things', kind: 'tokenClassification', prediction: ['O'], count: 10 },
    { code: 'NOT_BETTER_THAN_BASELINE', task: 'things', measure: 'entities.micro.f1', value: 0, baseline: 0 },
  ]);
});

test('classes with fewer than ten examples are found, the rarest first, as PostgreSQL can store them', () => {
  const where = { task: 'topic', split: 'train', isLearnt: true };
  expect(findFewExamples(where, [{ label: 'a', count: 10 }])).toEqual([]);
  const many = Array.from({ length: 30 }, (_, i) => ({ label: `c${i}`, count: 9 }));
  const [found] = findFewExamples(where, [...many, { label: `nul\0${'x'.repeat(200)}`, count: 1 }]);
  if (found?.code !== 'FEW_EXAMPLES') throw new Error('It was not found.');
  expect([found.threshold, found.classCount, found.classes.length]).toEqual([10, 31, 20]);
  expect(found.classes[0]).toEqual({ label: `nul␀${'x'.repeat(96)}`, count: 1 });
});

test('texts are truncated mostly where more than half are', () => {
  const where = { split: 'train', maxLength: 8 };
  expect(findTruncated(where, { exampleCount: 0, truncatedCount: 0 })).toEqual([]);
  expect(findTruncated(where, { exampleCount: 4, truncatedCount: 2 })).toEqual([]);
  expect(findTruncated(where, { exampleCount: 5, truncatedCount: 3 })).toHaveLength(1);
});
