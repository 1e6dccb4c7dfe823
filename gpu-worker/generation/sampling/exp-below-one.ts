import { pow } from '../../portable-math.js';

/** The least exponent that `expBelowOne` takes. */
export const leastExponent = -50;

const stepsPerUnit = 64 * Math.LOG2E;

/** 2^(−k/64) for k = 0, 1, …, as far as the least exponent needs them. */
const steps = Float64Array.from({ length: Math.ceil(-leastExponent * stepsPerUnit) + 1 }, (_, k) => pow(2, -k / 64));

/** ln 2 / 64 in two parts, of which k times the first is exact (Cody and Waite 1980). */
const [stepHigh, stepLow] = [0.693359375 / 64, -2.1219444005469057e-4 / 64];

/**
 * exp(x) for x in [−50, 0], within 1 ulp: for V numbers a token, a tenth of the time of `portable-math`'s, and with the
 * same bits on every version of Node too, as it is made of IEEE 754's basic operations. x = r − k ln 2 / 64 with
 * |r| ≤ ln 2 / 128, a table of 2^(−k/64), and Taylor's series of exp(r) − 1 up to r⁵ (Tang 1989).
 */
export function expBelowOne(x: number): number {
  const k = (0.5 - x * stepsPerUnit) | 0;
  const r = x + k * stepHigh + k * stepLow;
  const step = steps[k]!;
  return step + step * (r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120))))));
}
