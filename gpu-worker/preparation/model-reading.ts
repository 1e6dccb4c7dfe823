import { longestText } from '../../src/protocol/architectures/index.js';
import type { ModelManifest } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { createTokenizer, parseTokenizerJson, type TokenizerJson } from '../../src/tokenizer/index.js';
import { readArtifact } from '../models/artifacts.js';
import type { ModelReading } from './report/words.js';

/**
 * How a model reads texts. Errors: ProblemError MISSING_ARTIFACT.
 * @param maxLength the most tokens that it is to read; null: as many as it can
 */
export async function readingOf(
  store: ArtifactStore,
  manifest: ModelManifest,
  maxLength: number | null,
): Promise<ModelReading> {
  const bytes = await readArtifact(store, manifest.tokenizer.digest, 'the model’s tokenizer');
  return {
    tokenizer: createTokenizer(bytes),
    unknownId: unknownIdOf(parseTokenizerJson(bytes)),
    maxLength: Math.min(maxLength ?? Number.POSITIVE_INFINITY, manifest.maxLength ?? longestText(manifest.config)),
  };
}

/** The token for what the vocabulary lacks; null where it lacks nothing. */
function unknownIdOf({ model, added_tokens: added }: TokenizerJson): number | null {
  if (model.type === 'Unigram') return model.unk_id ?? null;
  const { unk_token: unknown } = model;
  if (unknown == null) return null;
  return model.vocab[unknown] ?? added.find(({ content }) => content === unknown)?.id ?? null;
}
