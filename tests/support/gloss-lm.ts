import { glossLmTokens, storeGlossLm } from '../../src/models/bundled/gloss-lm.js';
import { convertUseLite, findUseLitePackage } from '../../src/models/bundled/use-lite.js';
import { type ModelManifest, manifestBytes } from '../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { withSpecialTokens } from '../../src/tokenizer/index.js';

/** Puts the bundled language model into a store, without a database. */
export async function glossLmIn(
  store: ArtifactStore,
): Promise<{ readonly digest: string; readonly manifest: ModelManifest }> {
  const { tokenizer: json, vocabularySize } = await convertUseLite(findUseLitePackage());
  const tokenizer = await store.write(Buffer.from(JSON.stringify(withSpecialTokens(json, glossLmTokens))));
  const manifest = await storeGlossLm(store, { digest: tokenizer.digest, kind: 'unigram', vocabularySize });
  return { digest: (await store.write(manifestBytes(manifest))).digest, manifest };
}
