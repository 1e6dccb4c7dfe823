import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { divideByLargestRemainder } from '../../../gpu-worker/preparation/ingestion/largest-remainder.js';

describe('divideByLargestRemainder', () => {
  test('gives what is left to the largest remainders', () => {
    // Quotas 5.6, 0.7, 0.7: one left after 5, 0, 0 … two, and 0.7 beats 0.6.
    expect(divideByLargestRemainder(7, [0.8, 0.1, 0.1], [0, 1, 2])).toEqual([5, 1, 1]);
    // Quotas 2.4, 0.3, 0.3.
    expect(divideByLargestRemainder(3, [0.8, 0.1, 0.1], [0, 1, 2])).toEqual([3, 0, 0]);
  });

  test('decides between equal remainders by the given order', () => {
    // Quotas 4, 0.5, 0.5.
    expect(divideByLargestRemainder(5, [0.8, 0.1, 0.1], [9, 1, 2])).toEqual([4, 1, 0]);
    expect(divideByLargestRemainder(5, [0.8, 0.1, 0.1], [9, 2, 1])).toEqual([4, 0, 1]);
  });

  test('does not take the error of binary fractions for a remainder', () => {
    // 0.29 · 100 = 28.999999999999996.
    expect(divideByLargestRemainder(100, [0.29, 0.71], [1, 0])).toEqual([29, 71]);
  });

  test('divides everything, and each share by less than one off its quota', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(weights, fc.nat(100_000), (parts, total) => {
        const sum = parts.reduce((all, part) => all + part, 0);
        const fractions = parts.map((part) => part / sum);
        const shares = divideByLargestRemainder(
          total,
          fractions,
          parts.map((_, index) => index),
        );
        expect(shares.reduce((all, share) => all + share, 0)).toBe(total);
        for (const [index, share] of shares.entries())
          expect(Math.abs(share - total * fractions[index]!)).toBeLessThan(1.000001);
      }),
    );
  });
});
