import { blockLength } from '../../../src/protocol/frozen-weights.js';

/** A matrix [N,K] of `bits`-bit codes in blocks of `blockLength` along K; M = K / blockLength. */
export interface Quantized {
  /** [N,K] with 8 bits; [N,K/2] with 4, of which the lower ones are the former code's. */
  readonly codes: Uint8Array;
  /** [N,M] */
  readonly scales: Float32Array;
  /** [N,M] */
  readonly zeroPoints: Uint8Array;
}

/** Bits of a code. */
export type Bits = 4 | 8;

/** A matrix of zeros. @param size N · K, a whole number of blocks */
export function zerosOf(size: number, bits: Bits): Quantized {
  const blocks = size / blockLength;
  return {
    codes: new Uint8Array((size * bits) / 8),
    scales: new Float32Array(blocks),
    zeroPoints: new Uint8Array(blocks),
  };
}

/**
 * Quantizes blockwise and asymmetrically, bit by bit as ONNX Runtime's own quantizer does (`matmul_nbits_quantizer`
 * with `is_symmetric=False`): the range of a block, widened to hold 0, is divided into 2^bits − 1 steps. All arithmetic
 * is in float32. A block with a number that is not finite has a scale that is not finite either.
 */
export function quantize(values: Float32Array, bits: Bits, { codes, scales, zeroPoints }: Quantized): void {
  const { fround } = Math;
  const most = 2 ** bits - 1;
  for (let block = 0; block < scales.length; block++) {
    const start = block * blockLength;
    let [least, greatest] = [0, 0];
    for (let i = start; i < start + blockLength; i++) {
      const value = values[i]!;
      // Math.min and Math.max keep a NaN, where comparisons would pass over it.
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
    const scale = fround(fround(greatest - least) / most);
    const zeroPoint = scale === 0 ? 0 : Math.min(most, Math.max(0, Math.round(-fround(least / scale))));
    const inverse = scale === 0 ? 0 : fround(1 / scale);
    scales[block] = scale;
    zeroPoints[block] = zeroPoint;
    const code = (i: number): number =>
      Math.min(most, Math.max(0, Math.round(fround(fround(values[i]! * inverse) + zeroPoint))));
    if (bits === 8) for (let i = start; i < start + blockLength; i++) codes[i] = code(i);
    else for (let i = start; i < start + blockLength; i += 2) codes[i >> 1] = code(i) | (code(i + 1) << 4);
  }
}

/** The numbers that codes stand for: (code − zero point) · scale, in float32. */
export function dequantize({ codes, scales, zeroPoints }: Quantized, bits: Bits): Float32Array {
  const values = new Float32Array((codes.length * 8) / bits);
  for (let i = 0; i < values.length; i++) {
    const code = bits === 8 ? codes[i]! : (codes[i >> 1]! >> (4 * (i & 1))) & 15;
    const block = Math.floor(i / blockLength);
    values[i] = (code - zeroPoints[block]!) * scales[block]!;
  }
  return values;
}
