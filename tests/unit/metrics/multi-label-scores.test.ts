import { describe, expect, it } from 'vitest';
import { averagePrecision } from '../../../gpu-worker/metrics/average-precision.js';
import { scoreMultiLabel } from '../../../gpu-worker/metrics/multi-label-scores.js';
import { sigmoid } from '../../../gpu-worker/metrics/sigmoid.js';
import { MultiLabelScores, TaskScores } from '../../../src/protocol/evaluation-scores.js';
import reference from '../../numerics/reference/head-scores.reference.json' with { type: 'json' };
import { expectNumbersClose } from './numbers-close.js';

const all = (count: number) => new Float32Array(count).fill(1);

describe('scoreMultiLabel', () => {
  it('equals scikit-learn, with ties, a label that is never true and one that is never predicted', () => {
    const { labels, thresholds, targets, logits, scores: expected } = reference.multiLabel;
    const scores = scoreMultiLabel({ task: 'mood', labels, thresholds }, Float32Array.from(logits), {
      values: Float32Array.from(targets),
      present: all(60),
    });
    expectNumbersClose(scores, MultiLabelScores.parse(expected), 1e-12);
    expect(TaskScores.parse(JSON.parse(JSON.stringify(scores)))).toEqual(scores);
  });

  it('counts by hand', () => {
    const task = { task: 'topics', labels: ['a', 'b'], thresholds: [0.5, 0.7] };
    // σ(0) = 0.5 reaches the threshold of a; σ(0.8) ≈ 0.69 misses that of b.
    const logits = Float32Array.of(0, 0.8, /**/ 2, 2, /**/ -2, -2);
    const targets = { values: Float32Array.of(1, 1, /**/ 0, 1, /**/ 0, 0), present: all(3) };
    const scores = scoreMultiLabel(task, logits, targets);
    expect(scores.perLabel[0]).toEqual({
      label: 'a',
      threshold: 0.5,
      support: 1,
      predicted: 2,
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 0,
      trueNegatives: 1,
      precision: 1 / 2,
      recall: 1,
      f1: 2 / 3,
      averagePrecision: 1 / 2,
    });
    expect(scores.perLabel[1]).toMatchObject({ support: 2, predicted: 1, precision: 1, recall: 1 / 2, f1: 2 / 3 });
    expect(scores.perLabel[1]?.averagePrecision).toBe(1);
    expect(scores.micro).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 });
    // The third example has no label and no prediction: exactly right, but 0 in the mean over examples.
    expect(scores.samples.f1).toBeCloseTo((2 / 3 + 2 / 3 + 0) / 3, 12);
    expect(scores.subsetAccuracy).toBe(1 / 3);
    expect(scores.hammingLoss).toBe(2 / 6);
  });

  it('gives ln 2 for logits of 0', () => {
    const task = { task: 't', labels: ['a', 'b'], thresholds: [0.5, 0.5] };
    const scores = scoreMultiLabel(task, new Float32Array(4), { values: Float32Array.of(1, 0, 0, 0), present: all(2) });
    expect(scores.loss).toBeCloseTo(Math.log(2), 12);
  });

  it('leaves examples out whose labels are not known, and is 0 without any', () => {
    const task = { task: 't', labels: ['a'], thresholds: [0.5] };
    const logits = Float32Array.of(3, -3, 3);
    const values = Float32Array.of(1, 0, 0);
    const some = scoreMultiLabel(task, logits, { values, present: Float32Array.of(1, 1, 0) });
    expect(some).toMatchObject({ exampleCount: 2, subsetAccuracy: 1, micro: { f1: 1 } });
    const none = scoreMultiLabel(task, logits, { values, present: new Float32Array(3) });
    expect(none).toMatchObject({ exampleCount: 0, loss: 0, subsetAccuracy: 0, hammingLoss: 0, micro: { f1: 0 } });
  });

  it('misses labels that the head does not know, and leaves their examples out of the loss', () => {
    const task = { task: 't', labels: ['a', 'b'], thresholds: [0.5, 0.5] };
    // Predicted: a | a | nothing. True: a | a and two unknown labels | an unknown label.
    const logits = Float32Array.of(1, -1, /**/ 1, -1, /**/ -1, -1);
    const unknown = new Map([
      [1, ['x', 'y']],
      [2, ['x']],
    ]);
    const targets = { values: Float32Array.of(1, 0, 1, 0, 0, 0), present: all(3), unknown };
    const scores = scoreMultiLabel(task, logits, targets);
    expect(scores).toMatchObject({ exampleCount: 3, subsetAccuracy: 1 / 3, hammingLoss: 3 / (6 + 3) });
    expect(scores.loss).toBeCloseTo(Math.log1p(Math.exp(-1)), 6);
    expect(scores.micro).toEqual({ precision: 1, recall: 2 / 5, f1: 4 / 7 });
    expect(scores.samples.recall).toBeCloseTo((1 + 1 / 3 + 0) / 3, 12);
    expect(scores.perLabel[0]).toMatchObject({ label: 'a', f1: 1, support: 2 });
    expect(scores.unknown).toEqual({
      count: 2,
      labelCount: 2,
      labels: [
        { label: 'x', count: 2 },
        { label: 'y', count: 1 },
      ],
    });
  });

  it('keeps large logits finite and gives NaN for NaN', () => {
    const task = { task: 't', labels: ['a'], thresholds: [0.5] };
    const targets = { values: Float32Array.of(1), present: all(1) };
    expect(scoreMultiLabel(task, Float32Array.of(-1e4), targets).loss).toBe(1e4);
    const scores = scoreMultiLabel(task, Float32Array.of(Number.NaN), targets);
    expect(scores.loss).toBeNaN();
    expect(scores.perLabel[0]?.predicted).toBe(0);
  });
});

describe('averagePrecision', () => {
  it('adds precision at each positive: ½ + ⅓ of a half each', () => {
    const ranking = { scores: [0.9, 0.8, 0.7, 0.6], targets: [0, 1, 0, 1] };
    expect(averagePrecision(ranking)).toBeCloseTo((1 / 2) * (1 / 2) + (1 / 2) * (2 / 4), 12);
  });

  it('counts equal scores at once: all tied, it is the share of positives', () => {
    for (const targets of [
      [1, 0, 0, 1, 0],
      [0, 0, 0, 1, 1],
    ]) {
      expect(averagePrecision({ scores: [3, 3, 3, 3, 3], targets })).toBeCloseTo(2 / 5, 12);
    }
  });
});

describe('sigmoid', () => {
  it('keeps its digits for both signs', () => {
    expect(sigmoid(0)).toBe(0.5);
    expect(sigmoid(Math.log(3))).toBeCloseTo(0.75, 15);
    expect(sigmoid(-700) / Math.exp(-700)).toBeCloseTo(1, 12);
    expect([sigmoid(1e4), sigmoid(-1e4)]).toEqual([1, 0]);
  });
});

describe('TaskScores', () => {
  it('takes a result that was stored before there were kinds for one of classification', () => {
    const averaged = { precision: 1, recall: 1, f1: 1 };
    const stored = {
      task: 'mail',
      exampleCount: 1,
      accuracy: 1,
      loss: 0.5,
      macro: averaged,
      micro: averaged,
      weighted: averaged,
      perClass: [],
      confusionMatrix: [],
    };
    expect(TaskScores.parse(stored)).toEqual({ kind: 'classification', ...stored });
    expect(TaskScores.safeParse({ ...stored, kind: 'other' }).success).toBe(false);
  });
});
