import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHub } from '../integration/hugging-face/hub-server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  type ExportState,
  exportModel,
  filesOf,
  type ImportState,
  importModel,
  readZip,
  referenceModel,
  watchImport,
} from '../support/models.js';
import { killTestWorker, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { allEvents, createTopics, readExperiment, startTopicRun } from '../support/training.js';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-models-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
});

afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function statesOf(importId: string): Promise<ImportState[]> {
  const states: ImportState[] = [];
  for await (const state of watchImport(platform.client, importId)) states.push(state);
  return states;
}

async function download(path: string): Promise<Buffer> {
  const response = await fetch(new URL(path, platform.url));
  expect(response.status, path).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** Rows of the test split, all of their answers equal, and all of the adapter there. */
function expectCertified({ texts, split, rows, checks }: NonNullable<ExportState['certificate']>): void {
  expect({ texts, split }).toEqual({ texts: 'TEST_SPLIT', split: 'test' });
  expect(rows.length).toBeGreaterThan(5);
  expect(checks).toHaveLength(1);
  const [{ largestDifference, tolerance, sameAnswers, adapterShare, differenceFromBase, scores }] = checks as [
    (typeof checks)[number],
  ];
  expect(largestDifference).toBeLessThan(tolerance);
  expect(sameAnswers).toBe(1);
  expect(adapterShare).toBeCloseTo(1, 2);
  expect(differenceFromBase).toBeGreaterThan(tolerance);
  expect(scores.map(({ task, measure }) => `${task} ${measure}`)).toEqual(['topic accuracy', 'topic loss']);
  expect(scores[0]!.exported).toBe(scores[0]!.trained);
}

test('a BERT is imported, adapted, evaluated, asked, and exported in every format', async () => {
  const { client } = platform;
  await using _worker = startTestWorker({ databaseUrl: database.url, home });
  const imported = await importModel(client, {
    name: 'tiny bert',
    source: { folder: { path: referenceModel('bert') } },
  });
  const states = await statesOf(imported);
  expect(states.at(-1)).toMatchObject({
    status: 'SUCCEEDED',
    problem: null,
    model: { name: 'tiny bert', architecture: 'BERT' },
  });

  const datasetVersionId = await createTopics(client, 120);
  const lora = { epochs: 1, learningRate: 0.01, adapter: { lora: { rank: 4 } } };
  const experiment = await startTopicRun(client, datasetVersionId, lora, { baseModelId: states.at(-1)!.model!.id });
  await allEvents(client, experiment);
  const { status, problem, model } = await readExperiment(client, experiment);
  expect({ status, problem }).toEqual({ status: 'SUCCEEDED', problem: null });
  const modelId = model!.id;

  const { node } = await client.request<{ node: unknown }>(
    'query ($id: ID!) { node(id: $id) { ... on BaseModel { pooling adapter { rank alpha scale targetModules } heads { task } } } }',
    { id: modelId },
  );
  expect(node).toEqual({
    pooling: 'FIRST_TOKEN',
    adapter: { rank: 4, alpha: 16, scale: 4, targetModules: ['query', 'value'] },
    heads: [{ task: 'topic' }],
  });

  const prediction = await client.mutate<{ texts: { tasks: { labels: { probability: number }[] }[] }[] }>(
    `mutation ($input: PredictInput!) { predict(input: $input) {
       ... on Prediction { texts { tasks { labels { probability } } } } ... on Problems { problems { path code message hint } } } }`,
    { modelId, texts: ['the soup was wonderful'] },
  );
  const [labels] = prediction.texts[0]!.tasks.map((task) => task.labels);
  expect(labels!.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);

  const expected: Record<string, readonly string[]> = {
    HUGGING_FACE: ['config.json', 'model.safetensors', 'tokenizer.json'],
    PEFT: ['adapter_config.json', 'adapter_model.safetensors'],
    ONNX: ['config.json', 'model.onnx', 'tokenizer.json'],
  };
  for (const [format, names] of Object.entries(expected)) {
    const exported = await exportModel(client, modelId, format);
    expect(exported, format).toMatchObject({ status: 'SUCCEEDED', problem: null, certificateMissing: null });
    expectCertified(exported.certificate!);
    expect(exported.files.map(({ name }) => name)).toEqual(expect.arrayContaining([...names]));
    const archive = readZip(await download(exported.archiveUrl!));
    expect([...archive.keys()].sort()).toEqual(exported.files.map(({ name }) => name).sort());
    for (const { name, sizeBytes, sha256: digest, url } of exported.files) {
      const bytes = await download(url);
      expect({ name, sizeBytes: bytes.length, digest: sha256(bytes) }).toEqual({ name, sizeBytes, digest });
      expect(archive.get(name)!.equals(bytes), name).toBe(true);
    }
  }
}, 180_000);

test('an import whose worker is killed goes on where it was in the next one', async () => {
  const files = await filesOf(referenceModel('bert'));
  const weights = files.get('model.safetensors')!;
  const half = Math.floor(weights.length / 2);
  const served = new Map(
    [...files].map(([name, bytes]) => [name, { bytes, isLarge: name === 'model.safetensors' }] as const),
  );
  const hub = await openHub('tiny/bert', 'main', served);
  try {
    // The first request for the weights falls silent in the middle; whoever asks again gets the rest.
    hub.mischief = ({ name, count }) =>
      name === 'model.safetensors' && count === 1 ? { silentAfterBytes: half } : null;
    const env = { HF_ENDPOINT: hub.endpoint, HF_TOKEN: 'hf_a_secret' };
    const importId = await importModel(platform.client, {
      name: 'from a hub',
      source: { hub: { repository: 'tiny/bert' } },
    });
    const first = startTestWorker({ databaseUrl: database.url, home, env });
    for await (const { progress } of watchImport(platform.client, importId)) {
      if (progress !== null && progress.bytesDone >= half) break;
    }
    await killTestWorker(first, database.url);
    await using second = startTestWorker({ databaseUrl: database.url, home, env });
    const states = await statesOf(importId);
    expect(states.at(-1)).toMatchObject({ status: 'SUCCEEDED', problem: null, model: { name: 'from a hub' } });
    const asked = hub.requests.filter((request) => request.includes('model.safetensors'));
    expect(asked).toHaveLength(2);
    expect(asked[1]).toMatch(/^GET model\.safetensors from [1-9]/);
    expect(hub.tokens.hub).toContain('Bearer hf_a_secret');
    expect(first.output() + second.output() + platform.process.output()).not.toContain('hf_a_secret');
  } finally {
    await hub.close();
  }
}, 120_000);

test('folders outside those that are allowed are refused', async () => {
  const env = { ATTUNE_IMPORT_FOLDERS: referenceModel('roberta') };
  await using _worker = startTestWorker({ databaseUrl: database.url, home, env });
  const refused = await importModel(platform.client, {
    name: 'elsewhere',
    source: { folder: { path: referenceModel('bert') } },
  });
  const allowed = await importModel(platform.client, {
    name: 'tiny roberta',
    source: { folder: { path: referenceModel('roberta') } },
  });
  expect((await statesOf(refused)).at(-1)).toMatchObject({ status: 'FAILED', model: null });
  expect((await statesOf(allowed)).at(-1)).toMatchObject({ status: 'SUCCEEDED', model: { architecture: 'ROBERTA' } });
}, 60_000);
