import { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { createTokenizer, type Tokenizer, TokenizerError } from '../../src/tokenizer/index.js';
import { readArtifact } from './artifacts.js';
import { invalidModel } from './invalid-model.js';
import { type ModelWeights, openWeights } from './model-weights.js';

/** An open model, whose files were checked against its manifest. */
export interface LoadedModel {
  readonly digest: string;
  readonly manifest: ModelManifest;
  readonly tokenizer: Tokenizer;
  /** The caller has to close them. */
  readonly weights: ModelWeights;
}

/** Reads a model's manifest alone. Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL. */
export async function loadManifest(store: ArtifactStore, digest: string): Promise<ModelManifest> {
  const bytes = await readArtifact(store, digest, 'the model’s manifest');
  try {
    return ModelManifest.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw invalidModel('this release of Attune cannot read its manifest', error);
  }
}

/**
 * Opens a model. Errors: ProblemError MISSING_ARTIFACT (a file is gone or damaged), INVALID_MODEL (a file is not valid
 * or does not fit the manifest).
 */
export async function loadModel(store: ArtifactStore, digest: string): Promise<LoadedModel> {
  const manifest = await loadManifest(store, digest);
  const tokenizer = await loadTokenizer(store, manifest);
  return { digest, manifest, tokenizer, weights: await openWeights(store, manifest) };
}

/** Reads a model's tokenizer alone. Errors: ProblemError MISSING_ARTIFACT, INVALID_MODEL. */
export async function loadTokenizer(
  store: ArtifactStore,
  { tokenizer }: Pick<ModelManifest, 'tokenizer'>,
): Promise<Tokenizer> {
  return openTokenizer(await readArtifact(store, tokenizer.digest, 'the model’s tokenizer'));
}

function openTokenizer(json: Uint8Array): Tokenizer {
  try {
    return createTokenizer(json);
  } catch (error) {
    if (error instanceof TokenizerError) throw invalidModel(error.message, error);
    throw error;
  }
}
