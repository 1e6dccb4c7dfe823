import { describe, expect, it } from 'vitest';
import { weighClasses } from '../../../gpu-worker/data/class-weights.js';
import { noTarget } from '../../../gpu-worker/losses/cross-entropy.js';

const labels = ['a', 'b', 'c'];

describe('weighClasses', () => {
  it('balances as scikit-learn does: N / (C · count), 1 for a class without examples', () => {
    // compute_class_weight('balanced') of [0, 0, 0, 1] gives [0.667, 2] for 2 classes; here C = 3.
    const targets = Int32Array.of(0, 0, 0, 1, noTarget);
    const weights = [...weighClasses({ kind: 'balanced' }, labels, targets, [])];
    expect(weights).toEqual([expect.closeTo(4 / 9, 6), expect.closeTo(4 / 3, 6), 1]);
  });

  it('takes explicit weights, 1 for the rest', () => {
    const weights = { kind: 'explicit' as const, weights: [{ label: 'b', weight: 5 }] };
    expect([...weighClasses(weights, labels, new Int32Array(0), [])]).toEqual([1, 5, 1]);
  });

  it('refuses a label that the task does not have', () => {
    const weights = { kind: 'explicit' as const, weights: [{ label: 'd', weight: 5 }] };
    expect(() => weighClasses(weights, labels, new Int32Array(0), ['classWeights'])).toThrow('“d”');
  });
});
