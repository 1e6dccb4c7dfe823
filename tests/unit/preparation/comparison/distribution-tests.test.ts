import { describe, expect, it } from 'vitest';
import { createRandom, uniform } from '../../../../gpu-worker/data/random.js';
import {
  kolmogorovTail,
  testChiSquared,
  testKolmogorovSmirnov,
} from '../../../../gpu-worker/preparation/comparison/distribution-tests.js';
import { areaUnderCurve, measureDrift } from '../../../../gpu-worker/preparation/comparison/embedding-drift.js';
import reference from './reference/distribution-tests.reference.json' with { type: 'json' };

const closeTo = (expected: number) => expect.closeTo(expected, 12 - Math.ceil(Math.log10(Math.abs(expected) + 1)));

describe('the χ² test', () => {
  it.each(reference.chiSquared)('equals SciPy’s: $table', ({ table, statistic, degrees, p, cramersV }) => {
    const result = testChiSquared(table);
    expect(result).toMatchObject({ degrees, statistic: closeTo(statistic), cramersV: closeTo(cramersV) });
    // Small tails keep their digits.
    expect(result!.p / p).toBeCloseTo(1, 9);
  });

  it('leaves out classes that neither sample has, and says nothing of one class', () => {
    expect(
      testChiSquared([
        [10, 0, 20],
        [5, 0, 15],
      ]),
    ).toEqual(
      testChiSquared([
        [10, 20],
        [5, 15],
      ]),
    );
    expect(
      testChiSquared([
        [10, 0],
        [5, 0],
      ]),
    ).toBeNull();
    expect(
      testChiSquared([
        [10, 3],
        [0, 0],
      ]),
    ).toBeNull();
  });
});

describe('the test of Kolmogorov and Smirnov', () => {
  it.each(reference.kolmogorovSmirnov)('equals SciPy’s: D = $statistic', ({ one, two, statistic, p }) => {
    const values = [...new Set([...one, ...two])].sort((a, b) => a - b);
    const count = (sample: readonly number[], value: number) => sample.filter((each) => each === value).length;
    const counts = values.map((value) => ({ value, one: count(one, value), two: count(two, value) }));
    expect(testKolmogorovSmirnov(counts)).toEqual({ statistic: closeTo(statistic), p: closeTo(p) });
  });

  it.each(reference.kolmogorovTails)('has the tail of the limit at $at', ({ at, p }) => {
    expect(kolmogorovTail(at)).toBeCloseTo(p, 13);
    if (p > 0) expect(kolmogorovTail(at) / p).toBeCloseTo(1, 9);
  });

  it('says nothing of an empty sample', () => {
    expect(testKolmogorovSmirnov([{ value: 1, one: 3, two: 0 }])).toBeNull();
  });
});

describe('drift', () => {
  it('has the area under the curve that pairs have', () => {
    // Of the 6 pairs, 0.4 > 0.1, 0.4 > 0.35, 0.4 = 0.4 (half), 0.8 > all three: 5.5 / 6.
    const area = areaUnderCurve(Float64Array.from([0.1, 0.4, 0.35, 0.8, 0.4]), Int32Array.from([0, 0, 0, 1, 1]));
    expect(area).toBeCloseTo(5.5 / 6, 12);
  });

  it('is seen where texts moved, and not where they did not', () => {
    const sample = (seed: number, shift: number) => {
      const random = createRandom(seed);
      return Float32Array.from({ length: 200 * 6 }, (_, i) => uniform(random) - 0.5 + (i % 6 === 2 ? shift : 0) + 1);
    };
    const same = measureDrift(sample(1, 0), sample(2, 0), 6, 3, () => {});
    expect(Math.abs(same!.classifierAuc - 0.5)).toBeLessThan(3 * same!.standardError);
    expect(same!.centroidCosine).toBeGreaterThan(0.999);
    const moved = measureDrift(sample(1, 0), sample(2, 0.8), 6, 3, () => {});
    // A uniform number and one that is 0.8 greater: the second is greater with 1 − 0.2² / 2 = 0.98.
    expect(moved!.classifierAuc).toBeGreaterThan(0.96);
    expect(measureDrift(new Float32Array(6), sample(1, 0), 6, 3, () => {})).toBeNull();
    // Of two versions with the same texts, none is told apart.
    expect(measureDrift(sample(1, 0), sample(1, 0), 6, 3, () => {})!.classifierAuc).toBe(0.5);
  });
});
