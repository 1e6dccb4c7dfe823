import { describe, expect, it } from 'vitest';
import { noTarget } from '../../../gpu-worker/losses/cross-entropy.js';
import { shareAmongBatches } from '../../../gpu-worker/training/task-shares.js';

const batch = (...examples: number[]) => ({ examples: Int32Array.from(examples), length: 16 });

describe('shareAmongBatches', () => {
  it('divides by label weight: batches with 3 and 1 labels count 3/4 and 1/4', () => {
    const targets = [Int32Array.of(0, 1, 0, 1, noTarget, noTarget)];
    const shares = shareAmongBatches([batch(0, 1, 2), batch(3, 4, 5)], targets, [Float32Array.of(1, 1)]);
    const parts = shares.map(({ shares: [share = 0], presence: [presence = 0] }) => share * presence);
    expect(parts).toEqual([0.75, 0.25]);
    expect(shares.map(({ presence }) => presence[0])).toEqual([0.5, 0.5]);
  });

  it('weighs labels by their class', () => {
    const targets = [Int32Array.of(0, 1)];
    const shares = shareAmongBatches([batch(0), batch(1)], targets, [Float32Array.of(3, 1)]);
    expect(shares.map(({ shares: [share = 0], presence: [presence = 0] }) => share * presence)).toEqual([0.75, 0.25]);
  });

  it('leaves a task without a label out of the update', () => {
    const targets = [Int32Array.of(0, 0), new Int32Array(2).fill(noTarget)];
    const classWeights = [Float32Array.of(1, 1), Float32Array.of(1, 1)];
    const [share] = shareAmongBatches([batch(0, 1)], targets, classWeights);
    expect([...(share?.shares ?? [])]).toEqual([1, 0]);
    expect([...(share?.presence ?? [])]).toEqual([1, 0]);
  });
});
