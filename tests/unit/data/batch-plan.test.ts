import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Batch, planByLength, planByTokens, planEpoch } from '../../../gpu-worker/data/batch-plan.js';

const buckets = [16, 32, 64];
const lengthsOf = (count: number) => Int32Array.from({ length: count }, (_, i) => (i * 37) % 65);
const examplesOf = (batches: readonly Batch[]) => batches.flatMap(({ examples }) => [...examples]);

describe('planEpoch', () => {
  it('sees every example once, in ⌈N / batch size⌉ batches that fit their bucket', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 64 }), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        (values, batchSize, seed) => {
          const lengths = Int32Array.from(values);
          const batches = planEpoch(lengths, { batchSize, buckets }, seed, 0);
          expect(batches).toHaveLength(Math.ceil(values.length / batchSize));
          expect(examplesOf(batches).sort((a, b) => a - b)).toEqual([...values.keys()]);
          expect(batches.filter(({ examples }) => examples.length < batchSize).length).toBeLessThanOrEqual(1);
          for (const { examples, length } of batches) {
            const longest = Math.max(...[...examples].map((example) => lengths[example] ?? 0));
            expect(length).toBe(buckets.find((bucket) => longest <= bucket));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('depends on seed and epoch, and on nothing else', () => {
    const lengths = lengthsOf(500);
    const plan = (seed: number, epoch: number) =>
      examplesOf(planEpoch(lengths, { batchSize: 8, buckets }, seed, epoch)).join();
    expect(plan(1, 0)).toBe(plan(1, 0));
    expect(new Set([plan(1, 0), plan(1, 1), plan(2, 0), plan(0, 1)]).size).toBe(4);
  });

  it('keeps its order from build to build, so that checkpoints go on exactly', () => {
    const batches = planEpoch(Int32Array.of(3, 20, 7, 64, 30, 1, 12), { batchSize: 2, buckets }, 42, 3);
    expect(batches.map(({ examples, length }) => [...examples, length])).toMatchInlineSnapshot(`
      [
        [
          6,
          0,
          16,
        ],
        [
          5,
          2,
          16,
        ],
        [
          1,
          4,
          32,
        ],
        [
          3,
          64,
        ],
      ]
    `);
  });

  it('pads hardly more than each text to its own bucket', () => {
    const lengths = lengthsOf(2048);
    const padded = (batches: readonly Batch[]) =>
      batches.reduce((total, { examples, length }) => total + examples.length * length, 0);
    const sorted = padded(planEpoch(lengths, { batchSize: 16, buckets }, 0, 0));
    const own = lengths.reduce((total, length) => total + (buckets.find((bucket) => length <= bucket) ?? 0), 0);
    // At most one batch a bucket begins in the one below.
    expect(sorted).toBeLessThanOrEqual(own + 16 * (64 - 16));
    // One long text among 16 is near certain: without sorting each batch would take 64 tokens a row.
    expect(sorted).toBeLessThan(0.75 * 2048 * 64);
  });
});

describe('planByLength', () => {
  it('sees every example once, shortest buckets first', () => {
    const lengths = lengthsOf(100);
    const batches = planByLength(lengths, { batchSize: 7, buckets });
    expect(examplesOf(batches).sort((a, b) => a - b)).toEqual([...lengths.keys()]);
    const order = batches.map(({ length }) => length);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});

describe('planByTokens', () => {
  const options = { tokens: 100, mostRows: 16 };

  it('sees every example once, in batches of at most so many tokens and rows, each as long as its longest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 140 }), { maxLength: 300 }), (values) => {
        const lengths = Int32Array.from(values);
        const batches = planByTokens(lengths, options);
        expect(examplesOf(batches).sort((a, b) => a - b)).toEqual([...values.keys()]);
        for (const { examples, length } of batches) {
          expect(length).toBe(Math.max(1, ...[...examples].map((example) => values[example] ?? 0)));
          expect(examples.length).toBeLessThanOrEqual(16);
          if (examples.length > 1) expect(examples.length * length).toBeLessThanOrEqual(100);
        }
        // As full as it may be: one row more would be too many.
        for (const { examples, length } of batches.slice(0, -1)) {
          expect(examples.length === 16 || (examples.length + 1) * length > 100).toBe(true);
        }
      }),
    );
  });

  it('puts the longest first, and examples of equal length in their order', () => {
    const batches = planByTokens(Int32Array.of(3, 50, 3, 60, 50), options);
    expect(batches.map(({ examples, length }) => [length, ...examples])).toEqual([
      [60, 3],
      [50, 1, 4],
      [3, 0, 2],
    ]);
  });
});
