import { describe, expect, it } from 'vitest';
import { drawBinomial } from '../../../src/statistics/draw-binomial.js';
import { createRandom } from '../../../src/statistics/random.js';
import { createResampler } from '../../../src/statistics/resample.js';

/** Probabilities of 0 to n successes, by C(n, k) p^k (1 − p)^(n − k). */
function binomial(n: number, p: number): number[] {
  const probabilities = [(1 - p) ** n];
  for (let k = 1; k <= n; k++) probabilities.push((probabilities[k - 1]! * (n - k + 1) * p) / (k * (1 - p)));
  return probabilities;
}

/** Pearson's χ² over a degree of freedom, cells with fewer than 10 expected draws put together. */
function misfit(drawn: readonly number[], probabilities: readonly number[], draws: number): number {
  let [statistic, cells, restDrawn, restExpected] = [0, 0, 0, 0];
  for (const [k, probability] of probabilities.entries()) {
    restDrawn += drawn[k] ?? 0;
    restExpected += draws * probability;
    if (restExpected < 10) continue;
    statistic += (restDrawn - restExpected) ** 2 / restExpected;
    cells++;
    [restDrawn, restExpected] = [0, 0];
  }
  return statistic / (cells - 1);
}

describe('binomial numbers', () => {
  it.each([
    [1, 0.3],
    [5, 0.9],
    [40, 0.1],
    [40, 0.5],
    [300, 0.05],
    [300, 0.4],
    [900, 0.97],
  ])('have the probabilities of n = %d and p = %d', (n, p) => {
    const random = createRandom(n, 17);
    const drawn: number[] = new Array(n + 1).fill(0);
    const draws = 200_000;
    for (let draw = 0; draw < draws; draw++) drawn[drawBinomial(random, n, p)]!++;
    // χ² over its degrees of freedom has mean 1; these draws, which do not change, stay below 2.
    expect(misfit(drawn, binomial(n, p), draws)).toBeLessThan(2);
  });

  it('are certain where p is 0 or 1, or nothing is tried', () => {
    const random = createRandom(1);
    expect([drawBinomial(random, 9, 0), drawBinomial(random, 9, 1), drawBinomial(random, 0, 0.5)]).toEqual([0, 9, 0]);
  });
});

describe('samples of units', () => {
  it.each([
    ['few kinds of many units', [600, 300, 100, 0]],
    ['as many kinds as units', [1, 1, 1, 1, 1, 1]],
  ])('of %s have as many units, in the shares of the kinds', (_, counts) => {
    const draw = createResampler(counts, createRandom(3));
    const total = counts.reduce((sum, count) => sum + count, 0);
    const drawn = new Float64Array(counts.length);
    const sums = new Float64Array(counts.length);
    const squares = new Float64Array(counts.length);
    const rounds = 20_000;
    for (let round = 0; round < rounds; round++) {
      draw(drawn);
      expect(drawn.reduce((sum, count) => sum + count, 0)).toBe(total);
      drawn.forEach((count, kind) => {
        sums[kind]! += count;
        squares[kind]! += count * count;
      });
    }
    for (const [kind, count] of counts.entries()) {
      const mean = sums[kind]! / rounds;
      const variance = count * (1 - count / total);
      expect(Math.abs(mean - count)).toBeLessThanOrEqual(4 * Math.sqrt(variance / rounds));
      expect(squares[kind]! / rounds - mean * mean).toBeCloseTo(variance, variance > 10 ? -1 : 1);
    }
  });
});
