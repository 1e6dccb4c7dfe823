import { describe, expect, it } from 'vitest';
import { createRandom, shuffle, uniform } from '../../../gpu-worker/data/random.js';

describe('createRandom', () => {
  it('is a function of its words', () => {
    const draw = (...words: number[]) => {
      const random = createRandom(...words);
      return [random(), random(), random()].join();
    };
    expect(draw(1, 2)).toBe(draw(1, 2));
    expect(new Set([draw(1, 2), draw(2, 1), draw(1), draw(1, 2, 0), draw(0, 0), draw(0xffffffff, 2)]).size).toBe(6);
  });

  it('fills [0, 1) evenly: chi-square over 16 bins below its 99.9 % quantile, 37.7', () => {
    const random = createRandom(5, 0);
    const counts = new Array<number>(16).fill(0);
    for (let draw = 0; draw < 16_000; draw++) {
      const bin = Math.floor(uniform(random) * 16);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(37.7);
  });
});

describe('shuffle', () => {
  it('gives each of the 6 orders of three values about equally often', () => {
    const random = createRandom(9);
    const seen = new Map<string, number>();
    for (let round = 0; round < 6000; round++) {
      const order = shuffle(Int32Array.of(0, 1, 2), random).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    // Six standard deviations of a binomial count with mean 1000: 6 · √(6000 · 1/6 · 5/6) = 173.
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(173);
  });
});
