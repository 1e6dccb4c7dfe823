import { describe, expect, it } from 'vitest';
import { measureTargets, restore, standardize } from '../../../gpu-worker/data/target-standardization.js';
import reference from '../../numerics/reference/head-scores.reference.json' with { type: 'json' };
import { expectNumbersClose } from '../metrics/numbers-close.js';

const { means, scales } = reference.regression;
const targets = Float64Array.from(reference.regression.targets, (target) => target ?? Number.NaN);
const column = (...values: number[]) => Float64Array.from(values);

describe('the standardization of targets', () => {
  it("has StandardScaler's means and scales, of the targets that are there", () => {
    expectNumbersClose(measureTargets(targets, 3), { means, scales }, 1e-12);
    const standardized = standardize(targets, { means, scales });
    for (const [cell, expected] of reference.regression.standardized.entries()) {
      expect(standardized[cell]).toBeCloseTo(expected ?? 0, 5);
    }
  });

  it('of 1, 3 and a missing number is mean 2, scale 1; of one number and of none, scale 1', () => {
    expect(measureTargets(column(1, Number.NaN, 3), 1)).toEqual({ means: [2], scales: [1] });
    expect(measureTargets(column(7), 1)).toEqual({ means: [7], scales: [1] });
    expect(measureTargets(column(Number.NaN, 0, Number.NaN, 4), 2)).toEqual({ means: [0, 2], scales: [1, 2] });
  });

  it('takes equal numbers for equal, though their mean is rounded', () => {
    const { scales } = measureTargets(new Float64Array(1001).fill(0.1), 1);
    expect(scales).toEqual([1]);
  });

  it('is undone', () => {
    const standardization = { means: [10, 1e6], scales: [4, 0.5] };
    const values = column(2, 1e6, 12, 1e6 + 3);
    expect([...standardize(values, standardization)]).toEqual([-2, 0, 0.5, 6]);
    expect(restore(standardize(values, standardization), standardization)).toEqual(values);
  });
});
