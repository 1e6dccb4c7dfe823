import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float16ToFloat32, float32ToFloat16 } from '../../../src/storage/half-precision.js';

function bitsOf(value: number): number {
  const bytes = float32ToFloat16(Float32Array.of(value));
  return bytes[0]! | (bytes[1]! << 8);
}

function rounded(value: number): number {
  const numbers = new Float32Array(1);
  float16ToFloat32(float32ToFloat16(Float32Array.of(value)), numbers);
  return numbers[0]!;
}

describe('a number in half precision', () => {
  test.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    // The first number that is nearer to the one after the largest.
    [65_520, 0x7c00],
    [65_519, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    // Half of the least: a tie, which goes to the even zero.
    [2 ** -25, 0x0000],
    [1.5 * 2 ** -25, 0x0001],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    // 2049 lies between 2048 and 2050, 2051 between 2050 and 2052: ties go to even fractions.
    [2049, 0x6800],
    [2051, 0x6802],
    // A fraction of ones carries into the exponent.
    [1.999_99, 0x4000],
  ])('%d has the bits %i', (value, bits) => {
    expect(bitsOf(value)).toBe(bits);
  });

  test('NaN stays NaN', () => {
    expect(rounded(Number.NaN)).toBeNaN();
  });

  test('every one of them comes back as it was', () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = new Float32Array(1);
      float16ToFloat32(Uint8Array.of(bits & 0xff, bits >> 8), value);
      if (!Number.isNaN(value[0])) expect(bitsOf(value[0]!)).toBe(bits);
    }
  });

  test('is the nearest one', () => {
    fc.assert(
      fc.property(fc.float({ min: -60_000, max: 60_000, noNaN: true }), (value) => {
        const step = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - 10));
        expect(Math.abs(rounded(value) - value)).toBeLessThanOrEqual(step / 2);
      }),
    );
  });
});
