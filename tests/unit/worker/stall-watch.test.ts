import { expect, test } from 'vitest';
import { createStallDetector, stallLimitMs } from '../../../gpu-worker/lanes/stall-watch.js';

test('short steps may be silent for two minutes, long ones for ten times their median', () => {
  expect(stallLimitMs([])).toBe(120_000);
  expect(stallLimitMs([50, 60, 70])).toBe(120_000);
  expect(stallLimitMs([20_000, 30_000, 500_000])).toBe(300_000);
});

test('silence longer than the limit is told, a beat starts it anew', () => {
  const silence = createStallDetector(0);
  expect(silence(1, 1_000)).toBeNull();
  expect(silence(1, 121_000)).toBeNull();
  expect(silence(1, 121_001)).toBe(120_001);
  expect(silence(2, 121_002)).toBeNull();
  expect(silence(2, 241_002)).toBeNull();
});

test('a thread that never shows life is noticed too', () => {
  const silence = createStallDetector(5_000);
  expect(silence(0, 125_000)).toBeNull();
  expect(silence(0, 125_001)).toBe(120_001);
});

test('many beats between two checks count as so many short intervals', () => {
  const silence = createStallDetector(0);
  // 100 steps in 60 s: 0.6 s each, so the two minutes hold, not 10 × 60 s.
  expect(silence(100, 60_000)).toBeNull();
  expect(silence(100, 180_001)).toBe(120_001);
});
