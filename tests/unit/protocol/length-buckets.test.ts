import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseBuckets, lengthsThatOccur, standingBuckets } from '../../../src/protocol/length-buckets.js';

const anyLengths = fc
  .array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 300 })
  .map((all) => Int32Array.from(all));
const options = { maxLength: 200, passes: 3, mostBuckets: 8 };
const padded = (lengths: Int32Array, buckets: readonly number[]) =>
  lengths.reduce((total, length) => total + (buckets.find((bucket) => length <= bucket) ?? Number.NaN), 0);

describe('chooseBuckets', () => {
  it('takes the lengths themselves where there are few of them and many examples', () => {
    const lengths = new Int32Array(3000).map((_, index) => [9, 13, 50][index % 3] ?? 0);
    expect(chooseBuckets(lengths, options)).toEqual([9, 13, 50]);
  });

  it('compiles one graph where more would cost more than they save', () => {
    // 10 · 40 tokens saved, 1,400 spent.
    expect(
      chooseBuckets(
        Int32Array.from({ length: 20 }, (_, index) => (index < 10 ? 10 : 50)),
        { ...options, passes: 1 },
      ),
    ).toEqual([50]);
  });

  it('is given lengths in steps where there may be very long texts', () => {
    const lengths = Int32Array.of(5, 8192, 4000);
    expect(chooseBuckets(lengths, { maxLength: 8192, passes: 10, mostBuckets: 3 })).toEqual([32, 4000, 8192]);
  });

  it('has a bucket for every text, at most as many as allowed, ascending, none longer than the longest text', () => {
    fc.assert(
      fc.property(anyLengths, fc.integer({ min: 1, max: 9 }), (lengths, mostBuckets) => {
        const buckets = chooseBuckets(lengths, { ...options, mostBuckets });
        expect(buckets.length).toBeLessThanOrEqual(mostBuckets);
        expect(buckets).toEqual([...new Set(buckets)].sort((a, b) => a - b));
        expect(buckets.at(-1)).toBe(Math.max(1, ...lengths));
        expect(padded(lengths, buckets)).not.toBeNaN();
      }),
    );
  });

  it('is never worse than one bucket, nor than any other choice of three', () => {
    const graphs = 1400;
    const cost = (lengths: Int32Array, buckets: readonly number[]) =>
      3 * padded(lengths, buckets) + graphs * buckets.length;
    fc.assert(
      fc.property(anyLengths, fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 2 }), (lengths, others) => {
        const longest = Math.max(1, ...lengths);
        const other = [...others.filter((bucket) => bucket < longest).sort((a, b) => a - b), longest];
        const chosen = cost(lengths, chooseBuckets(lengths, options));
        expect(chosen).toBeLessThanOrEqual(cost(lengths, [longest]));
        expect(chosen).toBeLessThanOrEqual(cost(lengths, other));
      }),
    );
  });

  it('depends on how often a length occurs, not on the order of the examples', () => {
    fc.assert(
      fc.property(anyLengths, (lengths) => {
        expect(chooseBuckets(lengths.slice().reverse(), options)).toEqual(chooseBuckets(lengths, options));
      }),
    );
  });

  it('refuses a text that is longer than there may be', () => {
    expect(() => chooseBuckets(Int32Array.of(201), options)).toThrow(RangeError);
    expect(chooseBuckets(new Int32Array(0), options)).toEqual([200]);
  });
});

describe('lengthsThatOccur', () => {
  it('are in order, each once, and long enough for an empty text', () => {
    expect(lengthsThatOccur(Int32Array.of(9, 3, 0, 9, 1, 12))).toEqual([1, 3, 9, 12]);
  });
});

describe('standingBuckets', () => {
  it.each([
    [4, [4]],
    [16, [16]],
    [17, [16, 17]],
    [64, [16, 32, 64]],
    [100, [16, 32, 64, 100]],
  ])('up to %i tokens', (maxLength, expected) => {
    expect(standingBuckets(maxLength)).toEqual(expected);
  });
});
