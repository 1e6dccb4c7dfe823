import { z } from 'zod';

/**
 * How the weights that an adapter leaves unchanged are held in memory while it is trained. `int8` and `int4` are the
 * blockwise quantization of ONNX Runtime's `MatMulNBits`: each block of a row has a scale and a zero point of its own.
 */
export const FrozenWeights = z.enum(['float32', 'float16', 'int8', 'int4']);
export type FrozenWeights = z.infer<typeof FrozenWeights>;

/** Weights of a row that share a scale and a zero point. */
export const blockLength = 32;

/**
 * The format that a matrix [N,K] is held in where `wanted` was asked for: float16 where its rows are no whole number of
 * blocks.
 */
export function formatOf(wanted: FrozenWeights, [, columns = 1]: readonly number[]): FrozenWeights {
  const isBlockwise = wanted === 'int8' || wanted === 'int4';
  return isBlockwise && columns % blockLength !== 0 ? 'float16' : wanted;
}

/** Bytes that a weight takes, with its share of scales and zero points. */
export function bytesPerWeight(format: FrozenWeights): number {
  switch (format) {
    case 'float32':
      return 4;
    case 'float16':
      return 2;
    case 'int8':
      return 1 + 5 / blockLength;
    case 'int4':
      return 0.5 + 5 / blockLength;
    default:
      return format satisfies never;
  }
}
