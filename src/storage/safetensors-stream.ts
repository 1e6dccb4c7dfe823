import { Readable } from 'node:stream';
import { compareNames, elementCount, encodeHeader, SafetensorsError } from './safetensors-header.js';

/** A tensor to write. */
export interface StreamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /**
   * The values in pieces, row-major. Called once, when the tensor is written; the caller must not change a piece
   * afterwards.
   */
  values(): Iterable<Float32Array> | AsyncIterable<Float32Array>;
}

/**
 * A safetensors file as a stream for `ArtifactStore.writeStream`, so that a model is never whole in memory. The bytes
 * equal those of `writeSafetensors`: names are sorted.
 * @throws SafetensorsError and the errors of `values`, at once or from the stream
 */
export function safetensorsStream(
  tensors: readonly StreamedTensor[],
  metadata: ReadonlyMap<string, string> = new Map(),
): Readable {
  const sorted = [...tensors].sort((a, b) => compareNames(a.name, b.name));
  for (const [index, { name }] of sorted.entries()) {
    if (name === sorted[index + 1]?.name) {
      throw new SafetensorsError('INVALID_TENSOR', `tensor “${name}” is given twice`);
    }
  }
  return Readable.from(fileParts(encodeHeader(sorted, metadata), sorted), { objectMode: false });
}

async function* fileParts(header: Uint8Array, tensors: readonly StreamedTensor[]): AsyncGenerator<Uint8Array> {
  yield header;
  for (const { name, shape, values } of tensors) {
    let elements = 0;
    for await (const piece of values()) {
      elements += piece.length;
      if (piece.length > 0) yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
    }
    if (elements !== elementCount(shape)) {
      throw new SafetensorsError(
        'INVALID_TENSOR',
        `tensor “${name}” [${shape}] cannot be written with ${elements} elements`,
      );
    }
  }
}
