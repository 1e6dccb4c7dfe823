import type { ArtifactStore, StoredArtifact } from '../../src/storage/artifact-store.js';
import { elementCount } from '../../src/storage/safetensors.js';
import { type StreamedTensor, safetensorsStream } from '../../src/storage/safetensors-stream.js';
import { StorageError, systemErrorCode } from '../../src/storage/storage-error.js';
import type { WeightFiles } from './checkpoint-files.js';
import { mapRows } from './data-unit.js';
import type { MatchedTensor } from './match-tensors.js';
import { asProblem, formatBytes, invalidModel, problem } from './problems.js';

const floatBytes = Float32Array.BYTES_PER_ELEMENT;

/**
 * Writes weights to the store as Attune has them: float32, its own names. A few megabytes are in memory at any time,
 * whatever the model's size. A failure leaves nothing in the store.
 *
 * @param onBytes called with the size of each piece as float32; an error that it throws ends the writing
 * @throws ProblemError INVALID_MODEL for a weight that is not a number or infinite, DISK_FULL
 */
export async function importWeights(
  store: ArtifactStore,
  files: WeightFiles,
  tensors: readonly MatchedTensor[],
  onBytes: (bytes: number) => void,
): Promise<StoredArtifact> {
  const streamed = tensors.map(
    ({ name, source, shape, map }): StreamedTensor => ({
      name,
      shape,
      async *values() {
        for await (const piece of mapRows(files.chunks(source), shape, map)) {
          refuseNonFinite(piece, source);
          onBytes(piece.byteLength);
          yield piece;
        }
      },
    }),
  );
  try {
    return await store.writeStream(safetensorsStream(streamed));
  } catch (error) {
    throw asProblem(sourceError(error), 'model.safetensors');
  }
}

/** Bytes of tensors as float32. */
export function float32Bytes(tensors: readonly { readonly shape: readonly number[] }[]): number {
  return tensors.reduce((sum, { shape }) => sum + elementCount(shape) * floatBytes, 0);
}

/** Refuses a model that memory cannot hold. Errors: ProblemError OUT_OF_MEMORY, with both figures. */
export function refuseTooLarge(modelBytes: number, memoryBytes: number): void {
  if (modelBytes <= memoryBytes) return;
  throw problem(
    'OUT_OF_MEMORY',
    `the model takes ${formatBytes(modelBytes)} as float32, and the worker has ${formatBytes(memoryBytes)} of memory left`,
    'Take a smaller model, or a worker with more memory: training needs several times the model’s size.',
  );
}

function refuseNonFinite(values: Float32Array, name: string): void {
  for (const value of values) {
    if (!Number.isFinite(value)) {
      throw invalidModel(
        `the tensor ${name} holds ${value}: the model is broken`,
        'It was probably saved from a training that diverged, or in float16 beyond its range.',
      );
    }
  }
}

/**
 * The error that the source of a stream threw, which the store makes the cause of a StorageError of its own. Other
 * errors, those of the system among them, are given back as they are.
 */
export function sourceError(error: unknown): unknown {
  const isOther = !(error instanceof StorageError) || systemErrorCode(error.cause) !== undefined;
  return isOther || error.cause === undefined ? error : error.cause;
}
