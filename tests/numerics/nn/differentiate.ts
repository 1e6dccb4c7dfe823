import '@tensorflow/tfjs-backend-cpu';
import { mul, sum, type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { registerGradients } from '../../../gpu-worker/engine/gradients/register.js';

registerGradients();

/** f's value at the inputs, and the gradients of the sum of value · cotangent, by tfjs on its CPU backend. */
export function differentiate(f: (...inputs: Tensor[]) => Tensor, inputs: Tensor[], cotangent: Float32Array) {
  const { grads } = valueAndGrads((...xs: Tensor[]) => {
    const value = f(...xs);
    return sum(mul(value, tensor(cotangent, value.shape)));
  })(inputs);
  const value = f(...inputs);
  return { value: floats(value), shape: value.shape, gradients: grads.map(floats) };
}

/**
 * The same gradients by central differences. The step is 2⁻⁷ of the numbers' scale: float32 leaves about four digits of
 * the difference, and the cubic error stays below.
 */
export function differences(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: Tensor[],
  cotangent: Float32Array,
  step: number,
): Float32Array[] {
  const along = (which: number, i: number, by: number) => {
    const moved = inputs.map((input, k) => {
      if (k !== which) return input;
      const values = floats(input).slice();
      values[i]! += by;
      return tensor(values, input.shape);
    });
    return floats(f(...moved)).reduce((total, value, j) => total + value * cotangent[j]!, 0);
  };
  return inputs.map((input, which) =>
    Float32Array.from({ length: input.size }, (_, i) => (along(which, i, step) - along(which, i, -step)) / (2 * step)),
  );
}

/**
 * Every |actual − expected| within `tolerance` of the largest expected magnitude, or of `floor` where all are smaller:
 * the gradient of a key's bias, for one, is 0 in exact arithmetic (it moves all scores of a query alike) and rounding
 * in float32.
 */
export function expectClose(
  actual: Float32Array,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
  floor = 1e-3,
): void {
  expect(actual.length, what).toBe(expected.length);
  const scale = Array.from(expected).reduce((largest, value) => Math.max(largest, Math.abs(value)), floor);
  const worst = actual.reduce((error, value, i) => Math.max(error, Math.abs(value - expected[i]!)), 0);
  expect(worst / scale, `${what}: largest error relative to the largest value`).toBeLessThan(tolerance);
}

export function floats(x: Tensor): Float32Array {
  return x.dataSync<'float32'>();
}
