import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { SafetensorsError } from '../../src/storage/safetensors.js';
import { type FilePlace, openSafetensors, type SafetensorsFile } from '../../src/storage/safetensors-file.js';
import { adapterParameters, loraTensors } from '../adapters/lora-parameters.js';
import { mergedTensors } from '../adapters/merge-lora.js';
import { headOf, headShapes } from '../heads/linear-head.js';
import { verifiedPath } from './artifacts.js';
import { invalidModel } from './invalid-model.js';

/** A model's tensors, which stay on the disk until they are read. Its adapter, if it has one, is merged on the way. */
export interface ModelWeights {
  /** A tensor of the layers or heads, as an array of its own. */
  read(name: string): Promise<Float32Array>;
  /** The same in pieces of a few MiB; a matrix that an adapter is merged into comes in one piece. */
  chunks(name: string): AsyncGenerator<Float32Array, void, void>;
  /** Reads a tensor into `target`, piece by piece. */
  readInto(name: string, target: Float32Array): Promise<void>;
  /** Where a tensor lies as it is, in float32; null: it is not in a file like that, or an adapter changes it. */
  placeOf(name: string): FilePlace | null;
  close(): Promise<void>;
}

/**
 * Opens a model's files and checks their tensors against the manifest.
 * Errors: ProblemError MISSING_ARTIFACT (a file is gone or damaged), INVALID_MODEL.
 *
 * @param isMerged false: matrices are the base model's, as if the adapter had learned nothing; what its file holds in
 *   full, heads and a pooler, is read all the same
 */
export async function openWeights(
  store: ArtifactStore,
  manifest: ModelManifest,
  isMerged = true,
): Promise<ModelWeights> {
  const base = await open(store, manifest.weights.digest, 'the model’s weights');
  try {
    const adapter =
      manifest.adapter === null
        ? null
        : await open(store, manifest.adapter.weights.digest, 'the weights of the model’s adapter');
    try {
      checkTensors(manifest, base, adapter);
      return weightsOf(manifest, base, adapter, isMerged);
    } catch (error) {
      await adapter?.close();
      throw error;
    }
  } catch (error) {
    await base.close();
    throw error;
  }
}

async function open(store: ArtifactStore, digest: string, what: string): Promise<SafetensorsFile> {
  const path = await verifiedPath(store, digest, what);
  try {
    return await openSafetensors(path);
  } catch (error) {
    if (error instanceof SafetensorsError) throw invalidModel(error.message, error);
    throw error;
  }
}

function weightsOf(
  manifest: ModelManifest,
  base: SafetensorsFile,
  adapter: SafetensorsFile | null,
  isMerged: boolean,
): ModelWeights {
  // Tensors that an adapter's file holds in full, heads and a pooler, replace the base model's.
  const fileOf = (name: string) => (adapter?.tensors.has(name) === true ? adapter : base);
  const isAdapted = (name: string) =>
    isMerged && adapter?.tensors.has(loraTensors(name.replace(/\.weight$/, '')).a) === true;
  const readFrom = (file: SafetensorsFile | null) => async (name: string) =>
    file?.tensors.has(name) === true ? await file.read(name) : undefined;
  const readMerged =
    manifest.adapter === null || !isMerged
      ? (name: string) => readFrom(fileOf(name))(name)
      : mergedTensors(manifest, manifest.adapter.config, readFrom(base), readFrom(adapter));

  async function read(name: string): Promise<Float32Array> {
    const values = await readMerged(name);
    if (values === undefined) throw new RangeError(`the model has no tensor ${name}`);
    return values;
  }

  async function* chunks(name: string): AsyncGenerator<Float32Array, void, void> {
    if (isAdapted(name)) yield await read(name);
    else yield* fileOf(name).chunks(name);
  }

  return {
    read,
    chunks,
    async readInto(name, target) {
      let done = 0;
      for await (const piece of chunks(name)) {
        target.set(piece, done);
        done += piece.length;
      }
    },
    placeOf: (name) => (isAdapted(name) ? null : fileOf(name).placeOf(name)),
    async close() {
      await base.close();
      await adapter?.close();
    },
  };
}

function checkTensors(manifest: ModelManifest, base: SafetensorsFile, adapter: SafetensorsFile | null): void {
  const ofModel = [
    ...manifest.layers.flatMap((layer) => layer.tensors),
    ...manifest.heads.flatMap((head) => headShapes(headOf(head), manifest.config)),
  ];
  for (const { name, shape } of ofModel) check(name, shape, adapter?.tensors.get(name) ?? base.tensors.get(name));
  if (manifest.adapter === null || adapter === null) return;
  for (const { name, shape } of adapterParameters(manifest, manifest.adapter.config)) {
    check(name, shape, adapter.tensors.get(name));
  }
}

function check(name: string, shape: readonly number[], found: { readonly shape: readonly number[] } | undefined): void {
  if (found === undefined) throw invalidModel(`its weights lack the tensor ${name}`);
  if (found.shape.join() !== shape.join()) {
    throw invalidModel(`its tensor ${name} is [${found.shape}] where the manifest says [${shape}]`);
  }
}
