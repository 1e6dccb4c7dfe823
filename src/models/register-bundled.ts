import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { inTransaction, poolQuery } from '../database/transaction.js';
import { ModelManifest } from '../protocol/model-manifest.js';
import { type ArtifactRecord, mediaTypes, recordArtifacts } from '../storage/artifact-rows.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import { baseModelByName } from './base-model.reads.js';
import { convertUseLite, findUseLitePackage, storeUseLite } from './bundled/use-lite.js';

const name = 'use-lite';

/**
 * Registers the base model that comes with the product in a project; does nothing when it is registered and its files
 * are in the store. Several processes may do so at once: the same package gives the same artifacts. Returns the
 * model's id.
 */
export async function registerBundledBaseModel(
  dataSource: DataSource,
  store: ArtifactStore,
  projectId: string,
): Promise<string> {
  const registered = await baseModelByName(poolQuery(dataSource), projectId, name);
  if (registered !== null && (await isStored(store, ModelManifest.parse(registered.manifest), registered.digest))) {
    return registered.id;
  }
  const model = await convertUseLite(findUseLitePackage());
  const manifest = await storeUseLite(model, store);
  const stored = await store.write(Buffer.from(JSON.stringify(manifest)));
  const { sizeBytes: tokenizerBytes } = await store.write(Buffer.from(JSON.stringify(model.tokenizer)));
  const artifacts: ArtifactRecord[] = [
    { ...stored, mediaType: mediaTypes.json },
    { ...manifest.weights, mediaType: mediaTypes.safetensors },
    { digest: manifest.tokenizer.digest, sizeBytes: tokenizerBytes, mediaType: mediaTypes.json },
  ];
  return inTransaction(dataSource, async ({ query }) => {
    await recordArtifacts(query, artifacts);
    await query(
      `INSERT INTO base_models (id, project_id, name, digest, manifest, source)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (project_id, name) DO NOTHING`,
      [randomUUID(), projectId, name, stored.digest, JSON.stringify(manifest), model.source],
    );
    return (await baseModelByName(query, projectId, name))!.id;
  });
}

async function isStored(store: ArtifactStore, manifest: ModelManifest, digest: string): Promise<boolean> {
  const digests = [digest, manifest.weights.digest, manifest.tokenizer.digest];
  return (await Promise.all(digests.map((each) => store.has(each)))).every(Boolean);
}
