import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { inTransaction, poolQuery } from '../database/transaction.js';
import { ModelManifest } from '../protocol/model-manifest.js';
import { type ArtifactRecord, mediaTypes, recordArtifacts } from '../storage/artifact-rows.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { withSpecialTokens } from '../tokenizer/index.js';
import { baseModelByName } from './base-model.reads.js';
import { glossLmTokens, storeGlossLm } from './bundled/gloss-lm.js';
import { convertUseLite, findUseLitePackage, storeUseLite } from './bundled/use-lite.js';

/** The models that come with the product, and where they come from. */
const bundled = [
  { name: 'use-lite', source: ({ useLite }: Converted) => useLite.source, store: storeUseLiteOf },
  { name: 'gloss-lm', source: () => 'npm:attune (npm run gloss-lm)', store: storeGlossLmOf },
] as const;

interface Converted {
  readonly useLite: Awaited<ReturnType<typeof convertUseLite>>;
}

/**
 * Registers the base models that come with the product in a project; does nothing about one that is registered and
 * whose files are in the store. Several processes may do so at once: the same packages give the same artifacts. Returns
 * the models' ids by name.
 */
export async function registerBundledBaseModels(
  dataSource: DataSource,
  store: ArtifactStore,
  projectId: string,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  let converted: Converted | null = null;
  for (const model of bundled) {
    const { name } = model;
    const registered = await baseModelByName(poolQuery(dataSource), projectId, name);
    if (registered !== null && (await isStored(store, ModelManifest.parse(registered.manifest), registered.digest))) {
      ids.set(name, registered.id);
      continue;
    }
    converted ??= { useLite: await convertUseLite(findUseLitePackage()) };
    const { manifest, files } = await model.store(converted, store);
    const stored = await store.write(Buffer.from(JSON.stringify(manifest)));
    const artifacts: ArtifactRecord[] = [
      { ...stored, mediaType: mediaTypes.json },
      { ...manifest.weights, mediaType: mediaTypes.safetensors },
      ...files,
    ];
    const source = model.source(converted);
    const id = await inTransaction(dataSource, async ({ query }) => {
      await recordArtifacts(query, artifacts);
      await query(
        `INSERT INTO base_models (id, project_id, name, digest, manifest, source)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (project_id, name) DO NOTHING`,
        [randomUUID(), projectId, name, stored.digest, JSON.stringify(manifest), source],
      );
      return (await baseModelByName(query, projectId, name))!.id;
    });
    ids.set(name, id);
  }
  return ids;
}

interface StoredModel {
  readonly manifest: ModelManifest;
  /** Its artifacts beside manifest and weights. */
  readonly files: readonly ArtifactRecord[];
}

async function storeUseLiteOf({ useLite }: Converted, store: ArtifactStore): Promise<StoredModel> {
  return { manifest: await storeUseLite(useLite, store), files: [await storeTokenizer(useLite, store)] };
}

async function storeGlossLmOf({ useLite }: Converted, store: ArtifactStore): Promise<StoredModel> {
  const tokenizer = await storeTokenizer({ tokenizer: withSpecialTokens(useLite.tokenizer, glossLmTokens) }, store);
  const { vocabularySize } = useLite;
  const manifest = await storeGlossLm(store, { digest: tokenizer.digest, kind: 'unigram', vocabularySize });
  const files = manifest.files.map(({ digest, sizeBytes }) => ({ digest, sizeBytes, mediaType: mediaTypes.json }));
  return { manifest, files: [tokenizer, ...files] };
}

async function storeTokenizer(
  { tokenizer }: { readonly tokenizer: object },
  store: ArtifactStore,
): Promise<ArtifactRecord> {
  return { ...(await store.write(Buffer.from(JSON.stringify(tokenizer)))), mediaType: mediaTypes.json };
}

async function isStored(store: ArtifactStore, manifest: ModelManifest, digest: string): Promise<boolean> {
  const { weights, tokenizer, files } = manifest;
  const digests = [digest, weights.digest, tokenizer.digest, ...files.map((file) => file.digest)];
  return (await Promise.all(digests.map((each) => store.has(each)))).every(Boolean);
}
