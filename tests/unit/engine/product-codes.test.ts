import { describe, expect, it, test } from 'vitest';
import { codesTogether, createProductCodes, zeroCode } from '../../../gpu-worker/engine/held/product-codes.js';

describe('a matrix of codes', () => {
  // Two outputs of 130 inputs: a whole block and one that is filled up.
  const [N, K] = [2, 130];
  const values = Float32Array.from({ length: N * K }, (_, i) => ((i * 37) % 101) / 50 - 1);

  it('is off by half a scale at most, and has zeros where it is filled up', () => {
    const matrix = createProductCodes('w', [N, K], false);
    matrix.write(values);
    expect([matrix.outputs, matrix.inputs, matrix.scales.length]).toEqual([2, 130, 4]);
    expect(matrix.codes).toHaveLength(4 * codesTogether);
    // The largest magnitude of the first block is 1 = |−1|, at the first number.
    expect(matrix.scales[0]).toBe(Math.fround(1 / 127));
    expect(matrix.codes[0]).toBe(zeroCode - 127);
    expect([...matrix.codes.slice(codesTogether + 2, 2 * codesTogether)].every((code) => code === zeroCode)).toBe(true);
    const read = matrix.read();
    for (const [i, value] of values.entries()) {
      const scale = matrix.scales[2 * Math.floor(i / K) + Math.floor((i % K) / codesTogether)]!;
      expect(Math.abs(read[i]! - value)).toBeLessThanOrEqual(scale * 0.5001);
    }
  });

  it('is the same whichever of its sizes comes first', () => {
    const [byOutputs, byInputs] = [createProductCodes('w', [N, K], false), createProductCodes('w', [K, N], true)];
    byOutputs.write(values);
    byInputs.write(Float32Array.from({ length: N * K }, (_, i) => values[(i % N) * K + Math.floor(i / N)]!));
    expect(byInputs.codes).toEqual(byOutputs.codes);
    expect(byInputs.scales).toEqual(byOutputs.scales);
    const [read, turned] = [byOutputs.read(), byInputs.read()];
    expect(turned).toEqual(Float32Array.from({ length: N * K }, (_, i) => read[(i % N) * K + Math.floor(i / N)]!));
  });

  it('keeps zeros, and shows what is not a number', () => {
    const matrix = createProductCodes('w', [1, 2], false);
    matrix.write(new Float32Array(2));
    expect([...matrix.read()]).toEqual([0, 0]);
    matrix.write(Float32Array.from([1, Number.NaN]));
    expect(matrix.read()[0]).toBeNaN();
  });
});

test('only matrices have codes', () => {
  expect(() => createProductCodes('w', [3], false)).toThrow('w [3] is held for products, but is no matrix.');
});
