import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dimension, evaluate, formula, interpolate } from '../../../gpu-worker/engine/dynamic/polynomial.js';

describe('a size as a function of two dimensions', () => {
  const sizes = [
    { low: 3, high: 5 },
    { low: 7, high: 8 },
  ] as const;
  /** The values of a function of (B, T) at the four corners: bit 0 is B, bit 1 is T. */
  const corners = (f: (B: number, T: number) => number) => [f(3, 7), f(5, 7), f(3, 8), f(5, 8)];

  test('is found from its values at the corners', () => {
    expect(
      interpolate(
        corners((B, T) => 2 * B * T),
        sizes,
      ),
    ).toEqual([0, 0, 0, 2]);
    expect(
      interpolate(
        corners((_, T) => T - 1),
        sizes,
      ),
    ).toEqual([-1, 0, 1, 0]);
    expect(
      interpolate(
        corners(() => 12),
        sizes,
      ),
    ).toEqual([12, 0, 0, 0]);
  });

  test('is itself again from its own values, and holds at other sizes', () => {
    const integers = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(fc.tuple(integers, integers, integers, integers), integers, integers, ([a, b, c, d], B, T) => {
        const f = (B: number, T: number) => a + b * B + c * T + d * B * T;
        expect(evaluate(interpolate(corners(f), sizes), [B, T])).toBe(f(B, T));
      }),
    );
  });

  test('is not a square', () => {
    const fitted = interpolate(
      corners((B) => B * B),
      sizes,
    );
    expect(evaluate(fitted, [4, 7])).not.toBe(16);
  });

  test('reads as a number, a name or a formula', () => {
    const names = ['batch', 'length'];
    expect(formula([12, 0, 0, 0], names)).toBe(12);
    expect(formula([0, 0, 0, 0], names)).toBe(0);
    expect(formula(dimension(0), names)).toBe('batch');
    expect(formula(dimension(1), names)).toBe('length');
    expect(formula([3, 0, -1, 2], names)).toBe('3 + -1*length + 2*batch*length');
  });
});
