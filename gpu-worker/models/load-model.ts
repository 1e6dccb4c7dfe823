import type { ClassificationHead } from '../../src/protocol/model-manifest.js';
import { headInputSize, ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { readSafetensors, SafetensorsError, type Tensor } from '../../src/storage/safetensors.js';
import { StorageError } from '../../src/storage/storage-error.js';
import { ProblemError } from '../problem-error.js';

/** A model's files, read and checked against its manifest. */
export interface LoadedModel {
  readonly digest: string;
  readonly manifest: ModelManifest;
  /** All tensors of the manifest's layers and heads. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly tokenizerJson: Buffer;
}

/** The names of a head's tensors in a weights file: weight [C,O] and bias [C]. */
export function headTensors(task: string): { readonly weight: string; readonly bias: string } {
  return { weight: `heads.${task}.weight`, bias: `heads.${task}.bias` };
}

/** Reads a model's manifest alone. Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL. */
export async function loadManifest(store: ArtifactStore, digest: string): Promise<ModelManifest> {
  const bytes = await readArtifact(store, digest, 'the model’s manifest');
  try {
    return ModelManifest.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw invalidModel('its manifest is not of this format', error);
  }
}

/** Reads a model. Errors: ProblemError MISSING_ARTIFACT (a file is gone or damaged), INVALID_MODEL (files that do not fit). */
export async function loadModel(store: ArtifactStore, digest: string): Promise<LoadedModel> {
  const manifest = await loadManifest(store, digest);
  const weights = await readArtifact(store, manifest.weights.digest, 'the model’s weights');
  const tokenizerJson = await readArtifact(store, manifest.tokenizer.digest, 'the model’s tokenizer');
  const tensors = readTensors(weights);
  for (const { name, shape } of expectedTensors(manifest)) {
    const found = tensors.get(name);
    if (found === undefined) throw invalidModel(`its weights lack the tensor ${name}`);
    if (found.shape.join() !== shape.join()) {
      throw invalidModel(`its tensor ${name} is [${found.shape}] where the manifest says [${shape}]`);
    }
  }
  return { digest, manifest, tensors, tokenizerJson };
}

function expectedTensors(manifest: ModelManifest): { name: string; shape: readonly number[] }[] {
  return [
    ...manifest.layers.flatMap((layer) => layer.tensors),
    ...manifest.heads.flatMap((head) => headShapes(head, headInputSize(manifest.config))),
  ];
}

/** Names and shapes of a head's tensors, O values in. */
export function headShapes(
  { task, labels }: ClassificationHead,
  outputSize: number,
): { readonly name: string; readonly shape: readonly number[] }[] {
  const { weight, bias } = headTensors(task);
  return [
    { name: weight, shape: [labels.length, outputSize] },
    { name: bias, shape: [labels.length] },
  ];
}

/** Bytes of an artifact. Errors: ProblemError MISSING_ARTIFACT; StorageError when the disk fails. */
export async function readArtifact(store: ArtifactStore, digest: string, what: string): Promise<Buffer> {
  try {
    return await store.read(digest);
  } catch (error) {
    throw missingArtifact(error, digest, what);
  }
}

/** Path of an artifact. Errors as `readArtifact`. */
export async function artifactPath(store: ArtifactStore, digest: string, what: string): Promise<string> {
  try {
    return await store.localPath(digest);
  } catch (error) {
    throw missingArtifact(error, digest, what);
  }
}

function missingArtifact(error: unknown, digest: string, what: string): unknown {
  if (!(error instanceof StorageError) || (error.code !== 'NOT_FOUND' && error.code !== 'CORRUPT')) return error;
  return new ProblemError(
    {
      path: [],
      code: 'MISSING_ARTIFACT',
      message: `${what} (artifact ${digest.slice(0, 12)}…) is ${error.code === 'CORRUPT' ? 'damaged' : 'not in the artifact store'}`,
      hint: 'API and workers must share one artifact store: compare their ATTUNE_HOME.',
    },
    { cause: error },
  );
}

function readTensors(bytes: Uint8Array): ReadonlyMap<string, Tensor> {
  try {
    return readSafetensors(bytes).tensors;
  } catch (error) {
    if (error instanceof SafetensorsError) throw invalidModel(error.message, error);
    throw error;
  }
}

function invalidModel(why: string, cause?: unknown): ProblemError {
  return new ProblemError(
    { path: [], code: 'INVALID_MODEL', message: `the model cannot be used: ${why}`, hint: null },
    { cause },
  );
}
