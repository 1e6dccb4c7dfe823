import { expect, test } from 'vitest';
import { timestampText } from '../../../src/datasets/timestamp-text.js';

test('times are as Date writes them, as far as it can', () => {
  for (const millis of [0, 1, -1, 951_782_400_000, -62_167_219_200_000, -62_167_219_200_001, 8.64e15, -8.64e15]) {
    expect(timestampText(BigInt(millis) * 1000n)).toBe(new Date(millis).toISOString());
  }
});

test.each([
  [1n, '1970-01-01T00:00:00.000001Z'],
  [-1n, '1969-12-31T23:59:59.999999Z'],
  [1_704_067_200_123_456n, '2024-01-01T00:00:00.123456Z'],
  [1_704_067_200_120_000n, '2024-01-01T00:00:00.120Z'],
  // A millisecond after the last Date.
  [8_640_000_000_000_001_000n, '+275760-09-13T00:00:00.001Z'],
  // PyArrow and Java agree on both ends.
  [2n ** 63n - 1n, '+294247-01-10T04:00:54.775807Z'],
  [-(2n ** 63n), '-290308-12-21T19:59:05.224192Z'],
])('%s microseconds', (micros, text) => {
  expect(timestampText(micros)).toBe(text);
});
