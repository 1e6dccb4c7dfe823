import { expect, test } from 'vitest';
import { pairGroups } from '../../../gpu-worker/data/pair-units.js';

test('pairs of one prompt are a group', () => {
  expect(
    Array.from(
      pairGroups([
        [2, 2],
        [0, 0],
        [2, 2],
        [1, 1],
      ]),
    ),
  ).toEqual([2, 0, 2, 1]);
});

test('pairs that share an answer are a group, also through others', () => {
  // 0–1, 1–3 and 3–5 hang together, 2–4 does not; unit 6 is in no pair but the last.
  const groups = pairGroups([
    [0, 1],
    [3, 5],
    [2, 4],
    [1, 3],
    [6, 6],
  ]);
  expect(new Set([groups[0], groups[1], groups[3]]).size).toBe(1);
  expect(new Set(groups).size).toBe(3);
});

test('of no pairs there is no group', () => {
  expect(pairGroups([])).toEqual(new Int32Array());
});
