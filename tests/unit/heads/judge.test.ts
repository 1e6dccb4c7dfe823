import { describe, expect, test } from 'vitest';
import { judgeHead } from '../../../gpu-worker/heads/judge.js';
import { noTarget } from '../../../gpu-worker/losses/cross-entropy.js';

/** Logits that are logarithms of numbers that sum to 1: their softmax is those numbers. */
const logs = (...probabilities: number[]) => probabilities.map(Math.log);
/** The logit whose sigmoid this is. */
const logit = (probability: number) => Math.log(probability / (1 - probability));

test('classes: what is likeliest, how likely it and the truth are; unknown labels are as far off as can be', () => {
  const labels = ['a', 'b', 'c'];
  const logits = Float32Array.from(
    [logs(0.5, 0.3, 0.2), logs(0.1, 0.8, 0.1), logs(0.2, 0.2, 0.6), logs(1, 1, 1)].flat(),
  );
  const targets = { kind: 'classification', classes: Int32Array.of(1, 1, 3, noTarget), unknown: ['d'] } as const;
  const judged = [...judgeHead({ kind: 'classification', task: 't', labels }, logits, targets, null)];
  expect(judged.map(({ example, isRight }) => [example, isRight])).toEqual([
    [0, false],
    [1, true],
    [2, false],
  ]);
  expect(judged[0]).toMatchObject({
    trueLabels: ['b'],
    predictedLabels: ['a'],
    missedLabels: ['b'],
    falseLabels: ['a'],
    labels: ['a', 'b', 'c'],
  });
  expect(judged[0]!.probabilities.map((p) => Number(p.toFixed(6)))).toEqual([0.5, 0.3, 0.2]);
  expect([judged[0]!.confidence, judged[0]!.error].map((p) => Number(p!.toFixed(6)))).toEqual([0.5, 0.7]);
  expect(judged[1]).toMatchObject({ missedLabels: [], falseLabels: [] });
  expect(judged[2]).toMatchObject({ trueLabels: ['d'], predictedLabels: ['c'], error: 1 });
});

test('of many classes the five likeliest and the true one are kept', () => {
  const labels = Array.from({ length: 9 }, (_, c) => `label ${c}`);
  const logits = Float32Array.from([4, 1, 3, 0, 5, 2, 6, -2, -1]);
  const targets = { kind: 'classification', classes: Int32Array.of(7), unknown: [] } as const;
  const [judged] = judgeHead({ kind: 'classification', task: 't', labels }, logits, targets, null);
  expect(judged!.labels).toEqual(['label 6', 'label 4', 'label 0', 'label 2', 'label 5', 'label 7']);
});

test('several labels: each from its threshold on; the least sure decision, and the one that is furthest off', () => {
  const head = { kind: 'multiLabel', task: 't', labels: ['a', 'b'], thresholds: [0.5, 0.25] } as const;
  const logits = Float32Array.from([0.9, 0.3, 0.2, 0.1, 0.6, 0.1, 0.5, 0.5].map(logit));
  const targets = {
    kind: 'multiLabel',
    values: Float32Array.of(1, 0, 1, 0, 1, 0, 0, 0),
    present: Float32Array.of(1, 1, 1, 0),
    unknown: new Map([[2, ['new']]]),
  } as const;
  const judged = [
    ...judgeHead({ ...head, labels: [...head.labels], thresholds: [...head.thresholds] }, logits, targets, null),
  ];
  const shown = judged.map(({ isRight, confidence, error, ...labels }) => [
    isRight,
    Number(confidence!.toFixed(6)),
    Number(error.toFixed(6)),
    labels.trueLabels,
    labels.predictedLabels,
    labels.missedLabels,
    labels.falseLabels,
  ]);
  expect(shown).toEqual([
    [false, 0.3, 0.3, ['a'], ['a', 'b'], [], ['b']],
    [false, 0.8, 0.8, ['a'], [], ['a'], []],
    [false, 0.6, 1, ['a', 'new'], ['a'], ['new'], []],
  ]);
});

test('numbers: the mean distance in standard deviations, without targets that are missing', () => {
  const head = { kind: 'regression' as const, task: 't', outputs: ['x', 'y'], means: [10, 0], scales: [2, 0.5] };
  const given = Float32Array.of(1, 2, 0, 0, 0, 0);
  const targets = {
    kind: 'regression',
    values: Float64Array.of(10, 2, 14, Number.NaN, Number.NaN, Number.NaN),
  } as const;
  // Predicted: 12 and 1, off by 2 and 1: one and two standard deviations.
  expect([...judgeHead(head, given, targets, null)]).toMatchObject([
    { example: 0, isRight: null, confidence: null, error: 1.5, trueValues: [10, 2], predictedValues: [12, 1] },
    { example: 1, error: 2, trueValues: [14, null], predictedValues: [10, 0] },
  ]);
});

describe('tags', () => {
  const labels = ['O', 'B-X', 'I-X'];
  // Two texts: of three words over four tokens, and of one word.
  const logits = Float32Array.from(
    [logs(0.2, 0.7, 0.1), logs(1, 1, 1), logs(0.6, 0.1, 0.3), logs(0.9, 0.05, 0.05), logs(0.8, 0.1, 0.1)].flat(),
  );
  const targets = {
    kind: 'tokenClassification',
    tags: Int32Array.of(1, noTarget, 2, 0, 0),
    offsets: Int32Array.of(0, 4, 5),
    unknown: [],
  } as const;
  const firstOfWord = Int32Array.of(0, -1, 1, 3, 0);

  test('IOB2: entities that are missed and false ones, and the words that the model read', () => {
    const head = { kind: 'tokenClassification' as const, task: 't', labels, scheme: 'iob2' as const };
    const [first, second] = [...judgeHead(head, logits, targets, firstOfWord)];
    expect(first).toMatchObject({
      isRight: false,
      trueLabels: ['B-X', 'I-X', 'O'],
      predictedLabels: ['B-X', 'O', 'O'],
      missedLabels: ['X'],
      falseLabels: ['X'],
      words: [0, 1, 3],
    });
    expect([first!.confidence, first!.error].map((p) => Number(p!.toFixed(6)))).toEqual([0.6, 0.7]);
    expect(second).toMatchObject({ isRight: true, missedLabels: [], falseLabels: [], words: [0] });
  });

  test('plain: each tag by itself', () => {
    const head = { kind: 'tokenClassification' as const, task: 't', labels, scheme: 'plain' as const };
    const [first] = [...judgeHead(head, logits, targets, firstOfWord)];
    expect(first).toMatchObject({ isRight: false, missedLabels: ['I-X'], falseLabels: ['O'] });
  });
});
