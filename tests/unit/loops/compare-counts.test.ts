import { expect, test } from 'vitest';
import { compareCounts } from '../../../src/loops/compare-counts.js';

test('prompts to which both wrote the same are ties: halves of the rate, and nothing to the sign test', () => {
  const judged = compareCounts({ wins: 6, losses: 1, ties: 1 })!;
  expect(judged).toMatchObject({ ties: 1, equal: 0, rate: 6.5 / 8 });
  const all = compareCounts({ wins: 6, losses: 1, ties: 1, equal: 4 })!;
  expect(all).toMatchObject({ wins: 6, losses: 1, ties: 5, equal: 4, rate: 8.5 / 12, p: judged.p });
  expect(all.upper).toBeLessThan(judged.upper);
  expect(compareCounts({ wins: 0, losses: 0, ties: 0, equal: 3 })).toMatchObject({ rate: 0.5, p: null });
  expect(compareCounts({ wins: 0, losses: 0, ties: 0 })).toBeNull();
});

test('where several people judge a prompt, the rate has the share of it that they gave', () => {
  expect(compareCounts({ wins: 1, losses: 1, ties: 0, equal: 2, won: 2 / 3 + 1 / 3 })!.rate).toBeCloseTo(0.5, 12);
  expect(compareCounts({ wins: 1, losses: 0, ties: 0, equal: 1, won: 2 / 3 })!.rate).toBeCloseTo((2 / 3 + 0.5) / 2, 12);
});
