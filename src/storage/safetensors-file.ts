import { type FileHandle, open } from 'node:fs/promises';
import { bfloat16ToFloat32, float16ToFloat32 } from './half-precision.js';
import { elementCount, headerLength, lengthBytes, parseHeader, SafetensorsError } from './safetensors-header.js';
import { toStorageError } from './storage-error.js';

export interface TensorInfo {
  /** The type's name in the file: `F32`, `BF16`, `I64` … */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly elements: number;
}

/** Bytes in a file. */
export interface FilePlace {
  readonly path: string;
  readonly offsetBytes: number;
}

/**
 * An open safetensors file: its header is in memory, its tensors are read from the disk one at a time.
 * @throws when reading: SafetensorsError UNSUPPORTED_DTYPE (other than F32, F16, BF16), TRUNCATED; StorageError IO
 */
export interface SafetensorsFile {
  /** By name, sorted. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Where a tensor's values lie, little-endian, if the file has them as float32; else null. */
  placeOf(name: string): FilePlace | null;
  /** One tensor as float32. */
  read(name: string): Promise<Float32Array>;
  /** One tensor in pieces of at most `maxElements`, each an array of its own. */
  chunks(name: string, maxElements?: number): AsyncGenerator<Float32Array, void, void>;
  close(): Promise<void>;
}

/** 4 MiB of float32: large enough to make system calls negligible, small enough for a processor's cache. */
const defaultChunkElements = 2 ** 20;

/** The system reads at most 2³¹ − 4096 bytes at once. */
const maxReadBytes = 2 ** 30;

const halfPrecision = new Map([
  ['F16', float16ToFloat32],
  ['BF16', bfloat16ToFloat32],
]);

/**
 * Opens a file and checks its header.
 * @throws SafetensorsError; StorageError NOT_FOUND, IO
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    throw toStorageError(error, 'open a safetensors file');
  }
  try {
    return await readHeader(file, path);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHeader(file: FileHandle, path: string): Promise<SafetensorsFile> {
  const fileBytes = (await file.stat()).size;
  const start = new Uint8Array(Math.min(lengthBytes, fileBytes));
  await readFully(file, start, 0);
  const json = new Uint8Array(headerLength(start, fileBytes));
  await readFully(file, json, lengthBytes);
  const dataStart = lengthBytes + json.byteLength;
  const { entries, metadata } = parseHeader(json, fileBytes - dataStart);

  async function readElements(name: string, first: number, count: number): Promise<Float32Array> {
    const { dtype, data_offsets } = entryOf(name);
    const values = new Float32Array(count);
    const bytesOfValues = new Uint8Array(values.buffer);
    const position = dataStart + data_offsets[0];
    if (dtype === 'F32') {
      await readFully(file, bytesOfValues, position + first * 4);
      return values;
    }
    const convert = halfPrecision.get(dtype);
    if (convert === undefined) {
      throw new SafetensorsError('UNSUPPORTED_DTYPE', `tensor “${name}” holds ${dtype}, not F32, F16 or BF16`);
    }
    const halves = new Uint8Array(count * 2);
    await readFully(file, halves, position + first * 2);
    convert(halves, values);
    return values;
  }

  function entryOf(name: string) {
    const entry = entries.get(name);
    if (entry === undefined) throw new RangeError(`the file has no tensor “${name}”`);
    return entry;
  }

  return {
    tensors: new Map(
      [...entries].map(([name, { dtype, shape }]) => [name, { dtype, shape, elements: elementCount(shape) }]),
    ),
    metadata,
    placeOf(name) {
      const { dtype, data_offsets } = entryOf(name);
      return dtype === 'F32' ? { path, offsetBytes: dataStart + data_offsets[0] } : null;
    },
    read: async (name) => readElements(name, 0, elementCount(entryOf(name).shape)),
    async *chunks(name, maxElements = defaultChunkElements) {
      const elements = elementCount(entryOf(name).shape);
      for (let first = 0; first < elements; first += maxElements) {
        yield await readElements(name, first, Math.min(maxElements, elements - first));
      }
    },
    close: () => file.close(),
  };
}

/**
 * Fills `target`. The header was checked against the file's size, so an early end means that the file was truncated
 * since.
 */
async function readFully(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < target.byteLength) {
    const length = Math.min(maxReadBytes, target.byteLength - done);
    let bytesRead: number;
    try {
      ({ bytesRead } = await file.read(target, done, length, position + done));
    } catch (error) {
      throw toStorageError(error, 'read a safetensors file');
    }
    if (bytesRead === 0) throw new SafetensorsError('TRUNCATED', 'the file was truncated while it was read');
    done += bytesRead;
  }
}
