import { describe, expect, it } from 'vitest';
import { shareAmongBatches } from '../../../gpu-worker/training/task-shares.js';

const batch = (...examples: number[]) => ({ examples: Int32Array.from(examples), length: 16 });

/** A head whose examples' targets have these weights. */
const weighing = (...weights: number[]) => ({
  weightOf: (examples: Int32Array) => examples.reduce((sum, example) => sum + weights[example]!, 0),
});

describe('shareAmongBatches', () => {
  it('divides by label weight: batches with 3 and 1 labels count 3/4 and 1/4', () => {
    const heads = [weighing(1, 1, 1, 1, 0, 0)];
    const shares = shareAmongBatches([batch(0, 1, 2), batch(3, 4, 5)], heads);
    const parts = shares.map(({ shares: [share = 0], presence: [presence = 0] }) => share * presence);
    expect(parts).toEqual([0.75, 0.25]);
    expect(shares.map(({ presence }) => presence[0])).toEqual([0.5, 0.5]);
  });

  it('weighs targets as their head does', () => {
    const shares = shareAmongBatches([batch(0), batch(1)], [weighing(3, 1)]);
    expect(shares.map(({ shares: [share = 0], presence: [presence = 0] }) => share * presence)).toEqual([0.75, 0.25]);
  });

  it('leaves a task without a label out of the update', () => {
    const [share] = shareAmongBatches([batch(0, 1)], [weighing(1, 1), weighing(0, 0)]);
    expect([...(share?.shares ?? [])]).toEqual([1, 0]);
    expect([...(share?.presence ?? [])]).toEqual([1, 0]);
  });
});
