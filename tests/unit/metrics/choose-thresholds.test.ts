import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseThreshold, chooseThresholds } from '../../../gpu-worker/metrics/choose-thresholds.js';
import { scoreMultiLabel } from '../../../gpu-worker/metrics/multi-label-scores.js';
import reference from '../../numerics/reference/head-scores.reference.json' with { type: 'json' };

const choose = (probabilities: number[], targets: number[]) =>
  chooseThreshold(Float64Array.from(probabilities), Uint8Array.from(targets));

/** F1 of predicting from `threshold` on, counted plainly. */
function f1At(threshold: number, probabilities: readonly number[], targets: readonly number[]): number {
  const predicted = probabilities.map((probability) => probability >= threshold);
  const both = predicted.filter((isPredicted, i) => isPredicted && targets[i] === 1).length;
  const size = predicted.filter(Boolean).length + targets.filter((target) => target === 1).length;
  return size === 0 ? 0 : (2 * both) / size;
}

describe('the chosen threshold', () => {
  it('lies halfway between the last that is predicted and the first that is not', () => {
    expect(choose([0.875, 0.75, 0.25, 0.125], [1, 1, 0, 0])).toBe(0.5);
    expect(choose([0.5, 0.25, 0.125], [1, 0, 0])).toBe(0.375);
  });

  it('lies halfway to 0 where all are predicted', () => {
    expect(choose([0.5, 0.25], [1, 1])).toBe(0.125);
  });

  it('is 0.5 for a label that no example has, or without examples', () => {
    expect(choose([0.9, 0.1], [0, 0])).toBe(0.5);
    expect(choose([], [])).toBe(0.5);
  });

  it('is, of two with the same F1, the one nearer to 0.5', () => {
    // After one example F1 = 2/3 at (0.9 + 0.8) / 2; after four of them 4/6 at (0.6 + 0.2) / 2.
    expect(choose([0.9, 0.8, 0.7, 0.6, 0.2], [1, 0, 0, 1, 0])).toBeCloseTo(0.4, 12);
    expect(choose([0.55, 0.5, 0.45, 0.04, 0.02], [1, 0, 0, 1, 0])).toBeCloseTo(0.525, 12);
  });

  it('tells neighbours among floating point numbers apart', () => {
    const upper = 0.5 + 2 ** -53;
    const probabilities = [upper, 0.5];
    expect(f1At(choose(probabilities, [1, 0]), probabilities, [1, 0])).toBe(1);
  });

  it('is beaten by no other one', () => {
    const example = fc.record({
      probability: fc.oneof(
        fc.integer({ min: 0, max: 8 }).map((n) => n / 8),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      target: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(example, { maxLength: 30 }), (examples) => {
        const probabilities = examples.map(({ probability }) => probability);
        const targets = examples.map(({ target }) => target);
        const found = f1At(choose(probabilities, targets), probabilities, targets);
        for (const threshold of [...probabilities, 0, 0.5, 2]) {
          expect(found).toBeGreaterThanOrEqual(f1At(threshold, probabilities, targets));
        }
      }),
    );
  });
});

describe('chooseThresholds', () => {
  it('reaches the highest F1 that scikit-learn finds for each label', () => {
    const { labels, targets, logits, bestF1 } = reference.multiLabel;
    const given = { values: Float32Array.from(targets), present: new Float32Array(60).fill(1) };
    const thresholds = chooseThresholds(Float32Array.from(logits), given, labels.length);
    const scores = scoreMultiLabel({ task: 'mood', labels, thresholds }, Float32Array.from(logits), given);
    for (const [c, { f1 }] of scores.perLabel.entries()) expect(f1).toBeCloseTo(bestF1[c]!, 12);
    expect(thresholds[labels.indexOf('nobody')]).toBe(0.5);
  });

  it('leaves examples out whose labels are not known', () => {
    const logits = Float32Array.of(Math.log(3), -Math.log(3), 9);
    const values = Float32Array.of(1, 0, 0);
    // Probabilities ¾ and ¼.
    const [threshold] = chooseThresholds(logits, { values, present: Float32Array.of(1, 1, 0) }, 1);
    expect(threshold).toBeCloseTo(0.5, 6);
  });
});
