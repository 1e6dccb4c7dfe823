import { Readable } from 'node:stream';
import { elementCount } from '../../../src/storage/safetensors.js';
import { encodeString, encodeValue, type Metadata, uint32Bytes, uint64Bytes } from './metadata-values.js';
import { bytesOf, encodePieces, type TensorType, typeCodes } from './tensor-types.js';

/** A tensor of a GGUF file. */
export interface GgufTensor {
  readonly name: string;
  /** Row-major, the outermost dimension first, as PyTorch writes it; a file has it the other way round. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  /** The values in pieces of any length. Called once, when the tensor is written. */
  values(): AsyncIterable<Float32Array> | Iterable<Float32Array>;
}

const version = 3;

/** Where tensors begin is a multiple of it; the default of the format, and so of no key in the metadata. */
const alignmentBytes = 32;

/**
 * A GGUF file (ggml, docs/gguf.md) as a stream: metadata, descriptions of the tensors, and the tensors in their order,
 * each begun at a multiple of 32 bytes. Pieces of tensors alone are in memory.
 * @throws ProblemError UNSUPPORTED_EXPORT and the errors of `values`, from the stream
 */
export function ggufStream(
  metadata: Metadata,
  tensors: readonly GgufTensor[],
  onBytes: (bytes: number) => void,
): Readable {
  return Readable.from(fileParts(metadata, tensors, onBytes), { objectMode: false });
}

/** Bytes of the tensors, with what fills them up. */
export function tensorBytes(tensors: readonly Pick<GgufTensor, 'shape' | 'type'>[]): number {
  return tensors.reduce((sum, { shape, type }) => sum + padded(bytesOf(type, elementCount(shape))), 0);
}

async function* fileParts(
  metadata: Metadata,
  tensors: readonly GgufTensor[],
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const header = headerBytes(metadata, tensors);
  yield header;
  yield zeros(padded(header.length) - header.length);
  for (const { name, shape, type, values } of tensors) {
    let bytes = 0;
    for await (const piece of encodePieces(type, name, values())) {
      bytes += piece.length;
      onBytes(piece.length);
      if (piece.length > 0) yield piece;
    }
    const expected = bytesOf(type, elementCount(shape));
    if (bytes !== expected) throw new RangeError(`${name} [${shape}] has ${bytes} bytes in place of ${expected}`);
    onBytes(padded(bytes) - bytes);
    yield zeros(padded(bytes) - bytes);
  }
}

function headerBytes(metadata: Metadata, tensors: readonly GgufTensor[]): Uint8Array {
  const parts: Uint8Array[] = [
    Buffer.from('GGUF'),
    uint32Bytes(version),
    uint64Bytes(tensors.length),
    uint64Bytes(metadata.size),
  ];
  for (const [key, value] of metadata) parts.push(encodeString(key), encodeValue(value));
  let offset = 0;
  for (const { name, shape, type } of tensors) {
    parts.push(encodeString(name), uint32Bytes(shape.length));
    parts.push(...shape.toReversed().map(uint64Bytes), uint32Bytes(typeCodes[type]), uint64Bytes(offset));
    offset += padded(bytesOf(type, elementCount(shape)));
  }
  return Buffer.concat(parts);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / alignmentBytes) * alignmentBytes;
}

function zeros(bytes: number): Uint8Array {
  return new Uint8Array(bytes);
}
