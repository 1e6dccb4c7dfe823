import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noTarget } from '../../../gpu-worker/losses/cross-entropy.js';
import { scoreClassification } from '../../../gpu-worker/metrics/classification-scores.js';
import { softmaxRow } from '../../../gpu-worker/metrics/cross-entropy.js';
import { metricSample, scoreSamples } from '../../../gpu-worker/metrics/metric-samples.js';
import { ClassificationScores } from '../../../src/protocol/evaluation-scores.js';

const mail = { task: 'mail', labels: ['ham', 'spam'] };

describe('scoreClassification', () => {
  it('gives ln 4 for uniform logits over 4 classes', () => {
    const scores = scoreClassification(
      { task: 't', labels: ['a', 'b', 'c', 'd'] },
      new Float32Array(8),
      Int32Array.of(0, 3),
    );
    expect(scores.loss).toBeCloseTo(Math.log(4), 12);
    // Ties go to class 0: one of two right.
    expect(scores.accuracy).toBe(0.5);
  });

  it('counts by hand: 2 of 3 ham and 1 of 2 spam right', () => {
    const predictedHam = [2, 0];
    const predictedSpam = [0, 2];
    const logits = Float32Array.from([predictedHam, predictedHam, predictedSpam, predictedSpam, predictedHam].flat());
    const scores = scoreClassification(mail, logits, Int32Array.of(0, 0, 0, 1, 1));
    expect(scores.confusionMatrix).toEqual([
      [2, 1],
      [1, 1],
    ]);
    expect(scores.perClass).toEqual([
      { label: 'ham', precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, support: 3 },
      { label: 'spam', precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 },
    ]);
    expect(scores.macro.f1).toBeCloseTo(7 / 12, 12);
    expect(scores.weighted.f1).toBeCloseTo((3 * (2 / 3) + 2 * (1 / 2)) / 5, 12);
    expect(scores.micro).toEqual({ precision: 0.6, recall: 0.6, f1: 0.6 });
    // Three rows at ln(1 + e⁻²), two at ln(1 + e²).
    expect(scores.loss).toBeCloseTo((3 * Math.log1p(Math.exp(-2)) + 2 * Math.log1p(Math.exp(2))) / 5, 6);
  });

  it('equals scikit-learn, with a class that is never true and one that is never predicted', () => {
    const url = new URL('../../numerics/reference/classification-scores.reference.json', import.meta.url);
    const reference = JSON.parse(readFileSync(url, 'utf8'));
    const expected = ClassificationScores.parse(reference.scores);
    const scores = scoreClassification(
      { task: 'mail', labels: reference.labels },
      Float32Array.from(reference.logits),
      Int32Array.from(reference.targets),
    );
    expect(scores.confusionMatrix).toEqual(expected.confusionMatrix);
    expect(scores.loss).toBeCloseTo(expected.loss, 5);
    for (const average of ['macro', 'micro', 'weighted'] as const) {
      for (const measure of ['precision', 'recall', 'f1'] as const) {
        expect(scores[average][measure]).toBeCloseTo(expected[average][measure], 12);
      }
    }
    expect(scores.perClass.map(({ f1 }) => f1.toFixed(12))).toEqual(expected.perClass.map(({ f1 }) => f1.toFixed(12)));
    expect(scores.perClass.map(({ support }) => support)).toEqual(expected.perClass.map(({ support }) => support));
  });

  it('leaves rows with a missing label out', () => {
    const logits = Float32Array.of(1, 0, 0, 1, 5, 0);
    const scores = scoreClassification(mail, logits, Int32Array.of(0, noTarget, 0));
    expect(scores).toMatchObject({ exampleCount: 2, accuracy: 1 });
    const none = scoreClassification(mail, logits, new Int32Array(3).fill(noTarget));
    expect(none).toMatchObject({ exampleCount: 0, accuracy: 0, loss: 0 });
  });

  it('counts unknown labels as wrong, and leaves them out of the loss', () => {
    // Predicted: a, a, b, a; true: a, b, and two labels that the head does not know.
    const logits = Float32Array.of(1, 0, 1, 0, 0, 1, 1, 0);
    const scores = scoreClassification(mail, logits, Int32Array.of(0, 1, 2, 3), ['x', 'y']);
    expect(scores).toMatchObject({ exampleCount: 4, accuracy: 1 / 4, micro: { precision: 1 / 4, f1: 1 / 4 } });
    expect(scores.loss).toBeCloseTo(Math.log1p(Math.exp(-1)) + 1 / 2, 6);
    expect(scores.confusionMatrix).toEqual([
      [1, 0],
      [1, 0],
    ]);
    // As scikit-learn with `labels` of the head: what is predicted for an unknown label lowers precision.
    expect(scores.perClass.map(({ precision, recall, support }) => [precision, recall, support])).toEqual([
      [1 / 3, 1, 1],
      [0, 0, 1],
    ]);
    expect(scores.unknown).toEqual({
      count: 2,
      labelCount: 2,
      labels: [
        { label: 'x', count: 1 },
        { label: 'y', count: 1 },
      ],
    });
    expect(() => scoreClassification(mail, logits, Int32Array.of(0, 1, 2, 4), ['x', 'y'])).toThrow(RangeError);
  });

  it('keeps the most frequent unknown labels, as the database can store them', () => {
    const unknown = [...Array.from({ length: 150 }, (_, i) => `label ${i}`), `${'é'.repeat(199)}🙂…`, 'a\0b'];
    const targets = Int32Array.from([0, ...unknown.map((_, i) => i + 2), 152, 152, 153]);
    const found = scoreClassification(mail, new Float32Array(2 * targets.length), targets, unknown).unknown!;
    expect(found).toMatchObject({ count: 155, labelCount: 152 });
    expect(found.labels).toHaveLength(100);
    expect(found.labels.slice(0, 2)).toEqual([
      { label: `${'é'.repeat(199)}🙂`, count: 3 },
      { label: 'a␀b', count: 2 },
    ]);
  });

  it('refuses a target that the task has no label for', () => {
    expect(() => scoreClassification(mail, new Float32Array(2), Int32Array.of(2))).toThrow('mail has 2 labels');
  });

  it('keeps large logits finite and gives NaN for NaN', () => {
    const large = scoreClassification(mail, Float32Array.of(3e38, -3e38), Int32Array.of(0));
    expect(large.loss).toBe(0);
    expect(scoreClassification(mail, Float32Array.of(Number.NaN, 0), Int32Array.of(0)).loss).toBeNaN();
  });
});

describe('softmaxRow', () => {
  it('takes one row of a matrix', () => {
    const probabilities = softmaxRow(Float32Array.of(9, 9, Math.log(3), 0), 1, 2);
    expect(probabilities[0]).toBeCloseTo(0.75, 6);
    expect(probabilities[1]).toBeCloseTo(0.25, 6);
  });
});

describe('metric samples', () => {
  it('names what JSON cannot hold', () => {
    expect(metricSample('train/loss', 0.5)).toEqual({ key: 'train/loss', value: 0.5 });
    expect(metricSample('k', Number.NaN)).toEqual({ key: 'k', value: null, nonFinite: 'NAN' });
    expect(metricSample('k', Number.NEGATIVE_INFINITY)).toEqual({
      key: 'k',
      value: null,
      nonFinite: 'NEGATIVE_INFINITY',
    });
  });

  it('are paths under the split and task', () => {
    const scores = scoreClassification(mail, Float32Array.of(1, 0), Int32Array.of(0));
    const samples = scoreSamples('validation/intent', scores);
    expect(samples.map(({ key }) => key)).toEqual([
      'validation/intent/loss',
      'validation/intent/accuracy',
      'validation/intent/precision',
      'validation/intent/recall',
      'validation/intent/f1',
    ]);
    // Ham is right; spam has neither truth nor prediction and counts as 0 in the macro average.
    expect(samples[4]?.value).toBe(0.5);
  });
});
