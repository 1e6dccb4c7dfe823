import gammainc from '@stdlib/math-base-special-gammainc';
import { exp } from '../../portable-math.js';

/** How probable a difference of at least this size is between two samples of one distribution. */
export interface TestResult {
  readonly statistic: number;
  readonly p: number;
}

/**
 * Pearson's χ² test of whether rows of a table of counts have one distribution, without a correction for continuity.
 * Cramér's V says how great the difference is, from 0 to 1, whatever the number of counts. Columns and rows without any
 * counts are left out. Null: fewer than two rows or columns are left.
 *
 * `leastExpected` is the least count that is expected in a cell: below 5, the p-value is a rough one (Cochran 1954).
 */
export function testChiSquared(
  table: readonly (readonly number[])[],
): (TestResult & { readonly degrees: number; readonly cramersV: number; readonly leastExpected: number }) | null {
  const rowSums = table.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columnSums = (table[0] ?? []).map((_, column) => table.reduce((sum, row) => sum + row[column]!, 0));
  const total = rowSums.reduce((sum, count) => sum + count, 0);
  const rows = rowSums.filter((sum) => sum > 0).length;
  const columns = columnSums.filter((sum) => sum > 0).length;
  if (rows < 2 || columns < 2) return null;
  let statistic = 0;
  let leastExpected = Number.POSITIVE_INFINITY;
  for (const [i, row] of table.entries()) {
    for (const [j, count] of row.entries()) {
      if (rowSums[i] === 0 || columnSums[j] === 0) continue;
      const expected = (rowSums[i]! * columnSums[j]!) / total;
      statistic += (count - expected) ** 2 / expected;
      leastExpected = Math.min(leastExpected, expected);
    }
  }
  const degrees = (rows - 1) * (columns - 1);
  return {
    statistic,
    degrees,
    // The upper regularized incomplete gamma function, whose tail keeps its digits.
    p: gammainc(statistic / 2, degrees / 2, true, true),
    cramersV: Math.sqrt(statistic / (total * Math.min(rows - 1, columns - 1))),
    leastExpected,
  };
}

/** How often a value occurs in two samples. */
export interface ValueCounts {
  readonly value: number;
  readonly one: number;
  readonly two: number;
}

/**
 * The two-sample test of Kolmogorov and Smirnov: the greatest distance of two distribution functions. The p-value is
 * that of the limit for large samples (Smirnov 1939); for values that repeat, such as lengths, it is an upper bound.
 * Null: a sample is empty.
 *
 * @param counts in ascending order of their values
 */
export function testKolmogorovSmirnov(counts: readonly ValueCounts[]): TestResult | null {
  const one = counts.reduce((sum, each) => sum + each.one, 0);
  const two = counts.reduce((sum, each) => sum + each.two, 0);
  if (one === 0 || two === 0) return null;
  let statistic = 0;
  let oneBelow = 0;
  let twoBelow = 0;
  for (const each of counts) {
    oneBelow += each.one;
    twoBelow += each.two;
    statistic = Math.max(statistic, Math.abs(oneBelow / one - twoBelow / two));
  }
  return { statistic, p: kolmogorovTail(statistic * Math.sqrt((one * two) / (one + two))) };
}

/**
 * Kolmogorov's distribution beyond x: 2 Σ (−1)^(k−1) exp(−2 k² x²). For small x the series hardly converges, and
 * 1 − √(2π)/x Σ exp(−(2k−1)² π² / (8 x²)) takes its place (Marsaglia, Tsang and Wang 2003).
 */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1;
  let sum = 0;
  if (x < 1) {
    for (let k = 1; k <= 21; k += 2) sum += exp((-k * k * Math.PI * Math.PI) / (8 * x * x));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  for (let k = 1; k <= 10; k++) sum += (k % 2 === 1 ? 2 : -2) * exp(-2 * k * k * x * x);
  return sum;
}
