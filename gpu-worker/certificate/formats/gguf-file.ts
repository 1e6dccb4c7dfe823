import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { float16ToFloat32 } from '../../../src/storage/half-precision.js';
import { invalidModel } from '../../models/invalid-model.js';

/** A value of the metadata; texts in lists, which are those of the tokenizer, are skipped. */
type GgufValue = string | number | boolean | readonly (number | boolean)[] | null;

/** A GGUF file of version 3, read from its specification alone (ggml, docs/gguf.md). */
export interface GgufReader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** By llama.cpp's names; the outermost dimension first. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** A tensor as float32, a few MiB at a time. */
  chunks(name: string): AsyncGenerator<Float32Array, void, void>;
  close(): Promise<void>;
}

interface StoredTensor {
  readonly shape: readonly number[];
  readonly type: StoredAs;
  /** Where it begins in the file. */
  readonly start: number;
}

/** How many numbers a block of a type has, in how many bytes, and what they are. */
interface StoredAs {
  readonly block: number;
  readonly bytes: number;
  readonly numbers: (bytes: Buffer) => Float32Array;
}

const alignment = 32;
const chunkElements = 2 ** 20;

/** By ggml's number of the type. */
const types: ReadonlyMap<number, StoredAs> = new Map([
  [0, { block: 1, bytes: 4, numbers: floats }],
  [1, { block: 1, bytes: 2, numbers: halves }],
  [8, { block: 32, bytes: 34, numbers: scaledBytes }],
]);

/** Errors: ProblemError INVALID_MODEL for a file that is no GGUF, or has what is not read here. */
export async function openGguf(path: string): Promise<GgufReader> {
  const { metadata, tensors } = readHeader(path);
  const file = await open(path, 'r');
  return {
    metadata,
    shapes: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
    async *chunks(name) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw invalidModel(`the file has no tensor ${name}`);
      yield* chunksOf(file, name, tensor);
    },
    close: () => file.close(),
  };
}

async function* chunksOf(
  file: FileHandle,
  name: string,
  { shape, type, start }: StoredTensor,
): AsyncGenerator<Float32Array, void, void> {
  const elements = shape.reduce((all, size) => all * size, 1);
  for (let done = 0; done < elements; done += chunkElements) {
    const count = Math.min(chunkElements, elements - done);
    const bytes = Buffer.alloc((count / type.block) * type.bytes);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start + (done / type.block) * type.bytes);
    if (bytesRead !== bytes.length) throw invalidModel(`the file ends within the tensor ${name}`);
    yield type.numbers(bytes);
  }
}

function floats(bytes: Buffer): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function halves(bytes: Buffer): Float32Array {
  const values = new Float32Array(bytes.length / 2);
  float16ToFloat32(bytes, values);
  return values;
}

/** Q8_0: a half, by which 32 signed bytes are multiplied. */
function scaledBytes(bytes: Buffer): Float32Array {
  const blocks = bytes.length / 34;
  const values = new Float32Array(blocks * 32);
  const scale = new Float32Array(1);
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let block = 0; block < blocks; block++) {
    const at = block * 34;
    float16ToFloat32(bytes.subarray(at, at + 2), scale);
    const factor = scale[0]!;
    for (let index = 0; index < 32; index++) values[block * 32 + index] = factor * signed[at + 2 + index]!;
  }
  return values;
}

function readHeader(path: string): {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
} {
  const descriptor = openSync(path, 'r');
  try {
    const file = cursor(descriptor);
    if (file.take(4).toString('latin1') !== 'GGUF' || file.u32() !== 3) {
      throw invalidModel('the file is no GGUF of version 3');
    }
    const [tensorCount, valueCount] = [file.u64(), file.u64()];
    const metadata = new Map<string, GgufValue>();
    for (let value = 0; value < valueCount; value++) metadata.set(file.text(), readValue(file, file.u32()));
    const described = Array.from({ length: tensorCount }, () => {
      const name = file.text();
      const shape = Array.from({ length: file.u32() }, () => file.u64()).reverse();
      const type = types.get(file.u32());
      if (type === undefined) throw invalidModel(`the tensor ${name} is of a type that is not read`);
      return { name, shape, type, offset: file.u64() };
    });
    const start = Math.ceil(file.position() / alignment) * alignment;
    return {
      metadata,
      tensors: new Map(
        described.map(({ name, shape, type, offset }) => [name, { shape, type, start: start + offset }]),
      ),
    };
  } finally {
    closeSync(descriptor);
  }
}

/** Reads forwards, a MiB at a time. Errors: ProblemError INVALID_MODEL at the end of the file. */
function cursor(descriptor: number) {
  const { size } = fstatSync(descriptor);
  let window = Buffer.alloc(0);
  let [start, at] = [0, 0];
  const take = (bytes: number): Buffer => {
    if (at + bytes > size) throw invalidModel('the file ends within its header');
    if (at + bytes > start + window.length) {
      start = at;
      window = Buffer.alloc(Math.min(size - at, Math.max(bytes, 2 ** 20)));
      readSync(descriptor, window, 0, window.length, start);
    }
    at += bytes;
    return window.subarray(at - bytes - start, at - start);
  };
  const u64 = () => Number(take(8).readBigUInt64LE());
  return {
    take,
    u64,
    u32: () => take(4).readUInt32LE(),
    text: () => take(u64()).toString('utf8'),
    position: () => at,
  };
}

function readValue(file: ReturnType<typeof cursor>, type: number): GgufValue {
  switch (type) {
    case 0:
      return file.take(1).readUInt8();
    case 4:
      return file.u32();
    case 5:
      return file.take(4).readInt32LE();
    case 6:
      return file.take(4).readFloatLE();
    case 7:
      return file.take(1).readUInt8() === 1;
    case 8:
      return file.text();
    case 9: {
      const [element, length] = [file.u32(), file.u64()];
      const values = Array.from({ length }, () => readValue(file, element));
      return element === 8 ? null : (values as (number | boolean)[]);
    }
    default:
      throw invalidModel(`the metadata hold a value of type ${type}, which is not read`);
  }
}
