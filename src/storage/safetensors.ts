import {
  compareNames,
  elementCount,
  encodeHeader,
  headerLength,
  lengthBytes,
  parseHeader,
  SafetensorsError,
} from './safetensors-header.js';

export { elementCount, SafetensorsError } from './safetensors-header.js';

/**
 * Whole safetensors files in memory, for checkpoints and small files. safetensors-file.ts and safetensors-stream.ts
 * read and write the same bytes one tensor at a time.
 *
 * Attune writes only float32. Numbers are little-endian, as on every processor that Node runs on here.
 */
export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

export interface Safetensors {
  /** By name, sorted. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads float32 tensors. They are views of `bytes` where the alignment allows it, and copies elsewhere.
 * @throws SafetensorsError
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const dataStart = lengthBytes + headerLength(bytes, bytes.byteLength);
  const { entries, metadata } = parseHeader(bytes.subarray(lengthBytes, dataStart), bytes.byteLength - dataStart);
  const tensors = [...entries].map(([name, entry]): [string, Tensor] => {
    if (entry.dtype !== 'F32') {
      throw new SafetensorsError('UNSUPPORTED_DTYPE', `tensor “${name}” holds ${entry.dtype}; only F32 is supported`);
    }
    const [begin, end] = entry.data_offsets;
    return [name, { shape: entry.shape, data: float32View(bytes.subarray(dataStart + begin, dataStart + end)) }];
  });
  return { tensors: new Map(tensors), metadata };
}

/**
 * The file's bytes, in parts that need no copy of the tensors. Equal tensors give equal bytes, because names are
 * sorted.
 * @throws SafetensorsError
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array[] {
  const sorted = [...tensors].sort(([a], [b]) => compareNames(a, b));
  for (const [name, { shape, data }] of sorted) {
    if (elementCount(shape) !== data.length) {
      throw new SafetensorsError(
        'INVALID_TENSOR',
        `tensor “${name}” [${shape}] cannot be written with ${data.length} elements`,
      );
    }
  }
  return [
    encodeHeader(
      sorted.map(([name, { shape }]) => ({ name, shape })),
      metadata,
    ),
    ...sorted.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function float32View(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0 ? bytes : Uint8Array.from(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / Float32Array.BYTES_PER_ELEMENT);
}
