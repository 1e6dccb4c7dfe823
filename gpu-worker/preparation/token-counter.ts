import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { loadManifest, loadTokenizer } from '../models/load-model.js';

/**
 * A function that counts the tokens of a text as a model reads it, with the special tokens around it.
 * @param model the digest of the model's manifest
 * @throws ProblemError MISSING_ARTIFACT, INVALID_MODEL
 */
export async function tokenCounter(store: ArtifactStore, model: string): Promise<(text: string) => number> {
  const tokenizer = await loadTokenizer(store, await loadManifest(store, model));
  const whole = { maxLength: Number.MAX_SAFE_INTEGER, truncationSide: 'right' } as const;
  return (text) => tokenizer.encodeIds(text, null, whole).ids.length;
}
