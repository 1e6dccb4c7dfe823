import { expect, test } from 'vitest';
import { priorityOf } from '../../../gpu-worker/batch-jobs/rank-pairs.js';
import type { ItemRewards } from '../../../src/protocol/feedback/make-items-job.js';

const said = (...rewards: readonly [number | null, number | null][]): ItemRewards =>
  rewards.map((pair) => ({ modelId: '00000000-0000-4000-8000-000000000000', rewards: pair }));

test('the variance is that of the gaps of all models, and not of their rewards', () => {
  // Gaps 2, −1 and 2: mean 1, variance (1 + 4 + 1) / 3.
  expect(priorityOf(said([3, 1], [0, 1], [-1, -3]), 'GAP_VARIANCE')).toBeCloseTo(2, 12);
  // Each model has a zero point of its own, and that does not count.
  expect(priorityOf(said([3, 1], [103, 101]), 'GAP_VARIANCE')).toBe(0);
});

test('the gap of one model comes smallest or largest first, whichever answer is ahead', () => {
  for (const pair of [
    [1, -0.5],
    [-0.5, 1],
  ] as const) {
    expect(priorityOf(said([...pair]), 'SMALLEST_GAP')).toBe(-1.5);
    expect(priorityOf(said([...pair]), 'LARGEST_GAP')).toBe(1.5);
  }
  expect(priorityOf(said([2, 2]), 'SMALLEST_GAP')).toBe(0);
});

test('a pair with an answer that has no reward has no priority', () => {
  expect(priorityOf(said([1, null], [2, 1]), 'GAP_VARIANCE')).toBeNull();
  expect(priorityOf(said([null, 1]), 'SMALLEST_GAP')).toBeNull();
});
