import { blockLength, type FrozenWeights } from '../../../src/protocol/frozen-weights.js';
import { float16ToFloat32, float32ToFloat16 } from '../../../src/storage/half-precision.js';
import { EngineError } from '../errors.js';
import { type Bits, dequantize, type Quantized, quantize, zerosOf } from './quantize.js';

/** A tensor that a held matrix is made of, as graphs read it. */
export type HeldPart = { readonly shape: readonly number[] } & (
  | { readonly type: 'float16'; readonly data: Uint16Array }
  | { readonly type: 'float32'; readonly data: Float32Array }
  | { readonly type: 'uint8'; readonly data: Uint8Array }
);

/** A frozen matrix that is not held as float32. */
export interface HeldMatrix {
  readonly format: Exclude<FrozenWeights, 'float32'>;
  /** [N,K] */
  readonly shape: readonly number[];
  /**
   * The tensors by the endings of their names. float16: `halves` [N,K]. int8 and int4, with M blocks in a row: `codes`
   * [N,K] or [N,K/2], `scales` [N,M], `zeroPoints` [N,M].
   */
  readonly parts: Readonly<Record<string, HeldPart>>;
  /** Takes over N · K numbers, row by row. */
  write(values: Float32Array): void;
  /** The numbers that it stands for, in a new array. */
  read(): Float32Array;
}

/**
 * Makes the matrix, full of zeros, in memory of its own.
 *
 * @throws EngineError INVALID_PARAMETERS where int8 or int4 rows are no whole number of blocks, or it is no matrix
 */
export function holdMatrix(name: string, shape: readonly number[], format: HeldMatrix['format']): HeldMatrix {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2) {
    throw new EngineError('INVALID_PARAMETERS', `${name} [${shape}] is held as ${format}, but is no matrix.`);
  }
  switch (format) {
    case 'float16':
      return halves(shape);
    case 'int8':
    case 'int4':
      if (columns % blockLength === 0) return blocks(rows, columns, format);
      throw new EngineError(
        'INVALID_PARAMETERS',
        `The rows of ${name} [${shape}] are held as ${format}, so that their length has to be a multiple of ${blockLength}.`,
      );
    default:
      return format satisfies never;
  }
}

function halves(shape: readonly number[]): HeldMatrix {
  const data = new Uint16Array(shape[0]! * shape[1]!);
  const bytes = new Uint8Array(data.buffer);
  return {
    format: 'float16',
    shape,
    parts: { halves: { type: 'float16', shape, data } },
    write: (values) => bytes.set(float32ToFloat16(values)),
    read() {
      const values = new Float32Array(data.length);
      float16ToFloat32(bytes, values);
      return values;
    },
  };
}

function blocks(rows: number, columns: number, format: 'int8' | 'int4'): HeldMatrix {
  const bits: Bits = format === 'int8' ? 8 : 4;
  const M = columns / blockLength;
  const quantized: Quantized = zerosOf(rows * columns, bits);
  return {
    format,
    shape: [rows, columns],
    parts: {
      codes: byteTensor([rows, (columns * bits) / 8], quantized.codes),
      scales: { type: 'float32', shape: [rows, M], data: quantized.scales },
      zeroPoints: byteTensor([rows, M], quantized.zeroPoints),
    },
    write: (values) => quantize(values, bits, quantized),
    read: () => dequantize(quantized, bits),
  };
}

function byteTensor(shape: readonly number[], data: Uint8Array): HeldPart {
  return { type: 'uint8', shape, data };
}
