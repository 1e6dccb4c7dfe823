import { stat } from 'node:fs/promises';
import type { ModelManifest } from '../../../src/protocol/model-manifest.js';
import { type ArtifactRecord, mediaTypes } from '../../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { verifiedPath } from '../../models/artifacts.js';
import { mediaTypeOf } from '../kept-files.js';

/** An artifact of the store that is a file of an export. */
interface KeptArtifact extends ArtifactRecord {
  readonly name: string;
}

/** What transformers' `AutoTokenizer` reads besides `tokenizer.json`. */
const tokenizerFiles =
  /^((tokenizer_config|special_tokens_map|added_tokens|vocab)\.json|vocab\.txt|merges\.txt|(chat_template|additional_chat_templates\/.+)\.jinja)$/;

/** A model's tokenizer and chat templates, which are in the store. Errors: ProblemError MISSING_ARTIFACT. */
export async function keptTokenizer(
  { tokenizer, files }: Pick<ModelManifest, 'tokenizer' | 'files'>,
  store: ArtifactStore,
): Promise<KeptArtifact[]> {
  const tokenizerJson = { name: 'tokenizer.json', digest: tokenizer.digest, mediaType: mediaTypes.json };
  const others = files
    .filter(({ name }) => tokenizerFiles.test(name))
    .map(({ name, digest }) => ({ name, digest, mediaType: mediaTypeOf(name) }));
  return Promise.all(
    [tokenizerJson, ...others].map(async (file) => ({
      ...file,
      sizeBytes: (await stat(await verifiedPath(store, file.digest, file.name))).size,
    })),
  );
}
