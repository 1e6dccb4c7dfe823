import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Viewer } from '../../../src/access/viewer.js';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { poolQuery } from '../../../src/database/transaction.js';
import { BaseModel } from '../../../src/models/base-model.entity.js';
import { registerBundledBaseModels } from '../../../src/models/register-bundled.js';
import { ensureDefaultProject } from '../../../src/projects/default-project.js';
import { createProjectService } from '../../../src/projects/project.service.js';
import { ModelManifest } from '../../../src/protocol/model-manifest.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { float16ToFloat32, float32ToFloat16 } from '../../../src/storage/half-precision.js';
import { readSafetensors } from '../../../src/storage/safetensors.js';
import { createTokenizer } from '../../../src/tokenizer/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let dataSource: DataSource;
let projectId: string;
let root: string;
let store: ArtifactStore;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
  projectId = await ensureDefaultProject(dataSource);
  root = await mkdtemp(join(tmpdir(), 'attune-models-'));
  store = await openFileSystemStore({ root });
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
  await rm(root, { recursive: true, force: true });
});

test('USE-Lite is registered once, whoever asks and how often', async () => {
  const ids = await Promise.all([1, 2, 3].map(() => registerBundledBaseModels(dataSource, store, projectId)));
  expect(new Set(ids.map((each) => each.get('use-lite'))).size).toBe(1);
  expect((await dataSource.getRepository(BaseModel).find()).length).toBe(2);
  const model = await dataSource.getRepository(BaseModel).findOneByOrFail({ name: 'use-lite' });
  expect(model).toMatchObject({ id: ids[0]!.get('use-lite'), projectId, producedByRunId: null });
  const manifest = ModelManifest.parse(model?.manifest);
  expect(manifest).toMatchObject({
    parameterCount: 6_975_872,
    contextLength: 128,
    licence: 'Apache-2.0',
    heads: [],
    maxLength: null,
  });
  expect(manifest.layers.map(({ index, name, parameterCount }) => [index, name, parameterCount])).toEqual([
    [0, 'embeddings', 8002 * 256 + 128],
    // Two norms, attention, the projection of the residual, feed-forward.
    [1, 'encoder.layers.0', 2 * 256 + 2 * 512 + 257 * (768 + 512) + 257 * 512 + 513 * 1536 + 1537 * 512],
    [2, 'encoder.layers.1', 2 * 512 + 2 * 512 + 513 * (1536 + 512) + 513 * 1536 + 1537 * 512],
    [3, 'pooler', 513 * 512],
  ]);
  expect(JSON.parse((await store.read(model!.digest)).toString('utf8'))).toEqual(manifest);

  const { tensors } = readSafetensors(await store.read(manifest.weights.digest));
  const described = manifest.layers.flatMap((layer) => layer.tensors.map(({ name, shape }) => [name, shape]));
  expect(described.sort()).toEqual([...tensors].map(([name, { shape }]) => [name, shape]).sort());
});

test('gloss-lm is registered beside it: a Llama with the same pieces', async () => {
  const ids = await registerBundledBaseModels(dataSource, store, projectId);
  const id = ids.get('gloss-lm')!;
  const model = await dataSource.getRepository(BaseModel).findOneByOrFail({ id });
  const useLite = await dataSource.getRepository(BaseModel).findOneByOrFail({ id: ids.get('use-lite')! });
  const manifest = ModelManifest.parse(model.manifest);
  expect(manifest).toMatchObject({
    config: { architecture: 'llama', hiddenSize: 192, layers: 5, vocabularySize: 8000 },
    parameterCount: 3_565_632,
    contextLength: 256,
    heads: [],
  });
  // The same pieces; what begins and ends texts is no text.
  const tokenizerOf = async ({ tokenizer }: ModelManifest) => createTokenizer(await store.read(tokenizer.digest));
  const [own, others] = await Promise.all([manifest, ModelManifest.parse(useLite.manifest)].map(tokenizerOf));
  const read = (tokenizer: typeof own, text: string) =>
    tokenizer!.encodeIds(text, null, { maxLength: 64, truncationSide: 'right' }).ids;
  const text = 'a large feline of forests: “striped”, 3,000 m';
  expect(read(own, text)).toEqual(read(others, text));
  expect(read(own, `${text}</s>`)).toEqual([...read(others, text), 2]);
  expect(manifest.files.map(({ name }) => name)).toContain('config.json');
  const { tensors } = readSafetensors(await store.read(manifest.weights.digest));
  const described = manifest.layers.flatMap((layer) => layer.tensors.map(({ name, shape }) => [name, shape]));
  expect(described.sort()).toEqual([...tensors].map(([name, { shape }]) => [name, shape]).sort());
  // Half precision has eleven bits.
  const [, { data }] = [...tensors][0]!;
  expect(data.every((value) => value === float16(value))).toBe(true);
});

test('a new project has both of them', async () => {
  await registerBundledBaseModels(dataSource, store, projectId);
  const query = poolQuery(dataSource);
  const [user] = await query<{ id: string }>(
    `INSERT INTO users (id, name, email) VALUES (gen_random_uuid(), 'Ada', 'ada@example.org') RETURNING id`,
    [],
  );
  const projects = createProjectService({ dataSource, query });
  const viewer = { userId: user!.id } as Viewer;
  const id = await projects.create(viewer, { slug: 'new', name: 'New', idempotencyKey: null });
  const models = await dataSource.getRepository(BaseModel).findBy({ projectId: id });
  expect(models.map(({ name }) => name).sort()).toEqual(['gloss-lm', 'use-lite']);
});

test('files that were lost are written again, and give the same models', async () => {
  const ids = await registerBundledBaseModels(dataSource, store, projectId);
  for (const id of ids.values()) {
    const { manifest, digest } = await dataSource.getRepository(BaseModel).findOneByOrFail({ id });
    await store.remove(manifest.weights.digest);
    await store.remove(digest);
    expect(await registerBundledBaseModels(dataSource, store, projectId)).toEqual(ids);
    expect(await store.has(manifest.weights.digest)).toBe(true);
    expect(await store.has(digest)).toBe(true);
  }
});

/** The number that is left when it is written in half precision. */
function float16(value: number): number {
  const numbers = new Float32Array(1);
  float16ToFloat32(float32ToFloat16(Float32Array.of(value)), numbers);
  return numbers[0]!;
}
