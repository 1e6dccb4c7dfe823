import { describe, expect, it } from 'vitest';
import { sizesToRecord } from '../../../gpu-worker/engine/dynamic/recorded-sizes.js';

const nothingFixed = { ofInputs: [], ofParameters: [] };
const flat = (sizes: readonly { low: number; high: number; check: number }[]) =>
  sizes.flatMap(({ low, high, check }) => [low, high, check]);

describe('sizesToRecord', () => {
  it('begins with the usual sizes, whatever is fixed: what compiles at them keeps its bytes', () => {
    const maxima = [Number.POSITIVE_INFINITY, 512];
    const [first] = sizesToRecord({ maxima, ofInputs: [67], ofParameters: [73] });
    expect(first).toEqual([
      { low: 67, high: 68, check: 135 },
      { low: 73, high: 74, check: 147 },
    ]);
  });

  it('stays within the largest size', () => {
    const [first] = sizesToRecord({ maxima: [128], ...nothingFixed });
    expect(first).toEqual([{ low: 63, high: 64, check: 127 }]);
  });

  it.each([
    [512, 67],
    [512, 68],
    [512, 135],
    [128, 64],
    [16, 7],
    [8, 3],
  ])(
    'of %i positions it goes on with sizes that are neither the batch size %i nor one of a parameter',
    (largest, batchSize) => {
      const [, second] = sizesToRecord({ maxima: [largest], ofInputs: [batchSize], ofParameters: [2, 4, 32] });
      const sizes = flat(second!);
      expect(new Set(sizes).size).toBe(3);
      for (const size of sizes) {
        expect([batchSize, 2, 4, 32]).not.toContain(size);
        expect(size).toBeGreaterThanOrEqual(2);
        expect(size).toBeLessThanOrEqual(largest);
      }
    },
  );

  it('never gives two dimensions one size', () => {
    const known = { maxima: [64, 64], ofInputs: [31], ofParameters: [16, 32] };
    for (const sizes of [...sizesToRecord(known)].slice(1)) expect(new Set(flat(sizes)).size).toBe(6);
  });

  it('gives up the look at parameters where few positions leave no three others', () => {
    const [first] = sizesToRecord({ maxima: [4], ofInputs: [], ofParameters: [2, 3, 4] });
    expect(new Set(flat(first!))).toEqual(new Set([2, 3, 4]));
  });

  it('gives none for a dimension without three sizes', () => {
    expect([...sizesToRecord({ maxima: [3], ...nothingFixed })]).toEqual([]);
  });
});
