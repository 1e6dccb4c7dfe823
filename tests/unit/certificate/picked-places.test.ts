import { expect, test } from 'vitest';
import { pickPlaces, withoutRepetitions } from '../../../gpu-worker/certificate/picked-places.js';
import type { TokenRows } from '../../../gpu-worker/data/token-sequences.js';

/** Two rows of 5 and 2 tokens; the first token of each is no target. */
const rows: TokenRows = {
  ids: Int32Array.from([10, 11, 12, 13, 14, 20, 21]),
  isTarget: Uint8Array.from([0, 1, 1, 1, 1, 0, 1]),
  labels: null,
  segments: null,
  offsets: Int32Array.from([0, 5, 7]),
  lengths: Int32Array.from([5, 2]),
  targetCounts: Int32Array.from([4, 1]),
};

test('a small vocabulary leaves room for all targets, each predicted from the place before it', () => {
  const { perRow, places, targets, counts } = pickPlaces(rows, 100);
  expect(perRow).toBe(16);
  expect([...counts]).toEqual([4, 1]);
  expect([...places.subarray(0, 5)]).toEqual([0, 1, 2, 3, 3]);
  expect([...targets.subarray(0, 5)]).toEqual([11, 12, 13, 14, 14]);
  expect([...places.subarray(16, 18)]).toEqual([0, 0]);
  expect([...targets.subarray(16, 18)]).toEqual([21, 21]);
});

test('a large one leaves room for some, spread over the row', () => {
  // 2²⁴ logits for two rows: two places each.
  const { perRow, places, targets } = pickPlaces(rows, 2 ** 22);
  expect(perRow).toBe(2);
  expect([...places]).toEqual([1, 3, 0, 0]);
  expect([...targets]).toEqual([12, 14, 21, 21]);
});

test('masked tokens are predicted from their own places', () => {
  const labels = Int32Array.from([30, 31, 32, 33, 34, 40, 41]);
  const { places, targets } = pickPlaces(
    { ...rows, labels, isTarget: Uint8Array.from([0, 0, 1, 0, 0, 1, 0]) },
    2 ** 23,
  );
  expect([...places]).toEqual([2, 0]);
  expect([...targets]).toEqual([32, 40]);
});

test('repetitions are left out', () => {
  const picked = { perRow: 2, places: new Int32Array(4), targets: new Int32Array(4), counts: Int32Array.from([2, 1]) };
  expect([...withoutRepetitions(Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]), picked)]).toEqual([1, 2, 3, 4, 5, 6]);
});
