import { expect, test } from 'vitest';
import { retryDelay, retryDelaysSeconds } from '../../../src/webhooks/retries.js';

test('delays grow from 5 s to a day, and end after eight', () => {
  expect(Array.from({ length: 9 }, (_, i) => retryDelay(i + 1, 0.5))).toEqual([
    5,
    30,
    120,
    600,
    3_600,
    10_800,
    28_800,
    86_400,
    null,
  ]);
  expect(retryDelaysSeconds.reduce((sum, delay) => sum + delay) / 3600).toBeCloseTo(36.2, 1);
});

test('each is spread by a fifth to both sides', () => {
  expect(retryDelay(1, 0)).toBeCloseTo(4);
  expect(retryDelay(1, 1)).toBeCloseTo(6);
});
