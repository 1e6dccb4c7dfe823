import { float32ToFloat16 } from '../../../src/storage/half-precision.js';

/** Values of a row that share a scale. */
export const blockElements = 32;

/** A half-precision scale, and a byte for each value. */
export const blockBytes = 2 + blockElements;

/**
 * Quantizes whole blocks, [n·32] → [n·34] bytes, bit by bit as ggml does (`quantize_row_q8_0_ref` in ggml-quants.c):
 * the scale is the largest magnitude / 127, and values are rounded half away from zero by the scale before that is
 * rounded to half precision.
 */
export function quantizeQ8_0(values: Float32Array): Uint8Array {
  const blocks = values.length / blockElements;
  const bytes = new Uint8Array(blocks * blockBytes);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const start = block * blockElements;
    let largest = 0;
    for (let index = start; index < start + blockElements; index++) {
      largest = Math.max(largest, Math.abs(values[index]!));
    }
    const scale = Math.fround(largest / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    scales[block] = scale;
    const target = block * blockBytes + 2;
    for (let index = 0; index < blockElements; index++) {
      const scaled = Math.fround(values[start + index]! * inverse);
      // Negative numbers wrap around to their two's complement.
      bytes[target + index] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    }
  }
  const halves = float32ToFloat16(scales);
  for (let block = 0; block < blocks; block++) {
    bytes.set(halves.subarray(2 * block, 2 * block + 2), block * blockBytes);
  }
  return bytes;
}
