import { expect, test } from 'vitest';
import { bestOfWeights, expectedOfBest, klBoundOfBest } from '../../../../src/statistics/best-of-n/best-of-weights.js';

/** All sets of k of the places 0 … n − 1. */
function setsOf(n: number, k: number): number[][] {
  if (k === 0) return [[]];
  return Array.from({ length: n }, (_, first) => first).flatMap((first) =>
    setsOf(n, k - 1)
      .filter((set) => set.every((place) => place > first))
      .map((set) => [first, ...set]),
  );
}

test('the weights of the best of 2 of 3 are those of the three pairs', () => {
  // {1,2} → 2, {1,3} → 3, {2,3} → 3.
  expect([...bestOfWeights(3, 2)]).toEqual([0, 1 / 3, 2 / 3]);
  expect([...bestOfWeights(4, 1)]).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect([...bestOfWeights(4, 4)]).toEqual([0, 0, 0, 1]);
});

test('the expected best equals the mean over all sets, with ties shared', () => {
  const scores = [3, -1, 2, 2, 0.5, 2];
  const values = [1, 10, 4, 7, 0, -2];
  const best = expectedOfBest(scores);
  const others = expectedOfBest(scores, values);
  for (let k = 1; k <= scores.length; k++) {
    const sets = setsOf(scores.length, k);
    const means = sets.map((set) => {
      const greatest = Math.max(...set.map((place) => scores[place]!));
      const winners = set.filter((place) => scores[place] === greatest);
      return { greatest, value: winners.reduce((sum, place) => sum + values[place]!, 0) / winners.length };
    });
    const over = (of: (mean: (typeof means)[0]) => number) =>
      means.reduce((sum, each) => sum + of(each), 0) / sets.length;
    expect(best[k - 1]).toBeCloseTo(
      over(({ greatest }) => greatest),
      12,
    );
    expect(others[k - 1]).toBeCloseTo(
      over(({ value }) => value),
      12,
    );
  }
});

test('weights of many samples neither overflow nor lose their sum', () => {
  for (const [n, k] of [
    [128, 1],
    [128, 64],
    [128, 127],
    [128, 128],
  ] as const) {
    const weights = bestOfWeights(n, k);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(weights.every((weight) => weight >= 0)).toBe(true);
  }
  expect(() => bestOfWeights(3, 4)).toThrow(RangeError);
});

test('a value that a worse sample lacks does not matter where that one can not be the best', () => {
  const of = expectedOfBest([1, 2, 3], [Number.NaN, 5, 7]);
  expect(of[0]).toBeNaN();
  expect(of[1]).toBeCloseTo((5 + 7 + 7) / 3, 12);
  expect(of[2]).toBe(7);
});

test('the bound of the divergence is 0 for one sample, and ln 2 − 1/2 for two', () => {
  expect(klBoundOfBest(1)).toBe(0);
  expect(klBoundOfBest(2)).toBeCloseTo(Math.LN2 - 0.5, 12);
});
