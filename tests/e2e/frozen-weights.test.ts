import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluateExperiment, findBaseModel } from '../../src/demo/operations.js';
import { readSafetensors } from '../../src/storage/safetensors.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { exportModel, importModel, readZip, watchImport } from '../support/models.js';
import { killTestWorker, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { allEvents, createTopics, firstEvent, pointsOf, readExperiment, startTopicRun } from '../support/training.js';

/** Adapters over weights of fewer bits, through the API: killed and resumed, evaluated and exported. */

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let topics: string;
/** A Llama of random weights, with rows that are whole blocks. */
let llama: string;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-frozen-weights-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  const { client } = platform;
  await using _worker = startTestWorker({ databaseUrl: database.url, home });
  topics = await createTopics(client, 120);
  const tokenizer = { baseModelId: (await findBaseModel(client, 'use-lite')).id };
  const sizes = { hiddenSize: 64, layers: 2, attentionHeads: 4, keyValueHeads: 2, contextLength: 64, seed: 3 };
  const configuration = { architecture: 'LLAMA', tokenizer, ...sizes };
  const imported = await importModel(client, { name: 'tiny', source: { configuration } });
  for await (const { model, problem } of watchImport(client, imported)) {
    expect(problem).toBeNull();
    llama = model?.id ?? llama;
  }
}, 240_000);

afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

const adapted = (frozenWeights: string) => ({
  epochs: 2,
  learningRate: 0.01,
  adapter: { lora: { rank: 4, dropout: 0.1, targetModules: ['all-linear'], frozenWeights } },
});

/** Trains twice, once with its worker killed on the way. */
async function trainTwice(hyperparameters: Record<string, unknown>, options: Record<string, unknown> = {}) {
  const { client } = platform;
  const start = () => startTopicRun(client, topics, hyperparameters, { baseModelId: llama, ...options });
  const interrupted = await start();
  const worker = startTestWorker({ databaseUrl: database.url, home });
  await firstEvent(client, interrupted, (event) => event.__typename === 'MetricsRecorded' && event.step! >= 5);
  await killTestWorker(worker, database.url);
  const last = startTestWorker({ databaseUrl: database.url, home });
  await allEvents(client, interrupted);
  const unbroken = await start();
  await allEvents(client, unbroken);
  const [broken, whole] = [await readExperiment(client, interrupted), await readExperiment(client, unbroken)];
  expect({ status: whole.status, problem: whole.problem }).toEqual({ status: 'SUCCEEDED', problem: null });
  expect(broken.attempts.map(({ outcome }) => outcome)).toEqual(['LOST', 'SUCCEEDED']);
  expect(broken.attempts[1]!.resumedFromStep).toBeGreaterThan(0);
  expect(broken.model!.digest).toBe(whole.model!.digest);
  return { whole, experiment: unbroken, last };
}

async function tensorsOf(modelId: string, format: string) {
  const exported = await exportModel(platform.client, modelId, format);
  expect(exported).toMatchObject({ status: 'SUCCEEDED', problem: null });
  const archive = await fetch(new URL(exported.archiveUrl!, platform.url));
  const files = readZip(Buffer.from(await archive.arrayBuffer()));
  const weights = files.get('model.safetensors') ?? files.get('adapter_model.safetensors');
  return { tensors: readSafetensors(weights!).tensors, files };
}

test('int4: a head; the model is the adapter over the weights that the base model has', async () => {
  const { whole, experiment, last } = await trainTwice(adapted('INT4'));
  await using _worker = last;
  const { client } = platform;
  const merged = pointsOf(whole, 'merged/loss');
  expect(merged.map(({ step }) => step)).toEqual([pointsOf(whole, 'validation/loss').at(-1)!.step]);
  const { tasks } = await evaluateExperiment(client, {
    experimentId: experiment,
    datasetVersionId: topics,
    split: 'validation',
    textColumn: 'text',
    tasks: [{ task: 'topic', labelColumn: 'topic' }],
  });
  expect(tasks[0]!.loss).toBeCloseTo(merged[0]!.value!, 5);
  expect(pointsOf(whole, 'merged/accuracy')[0]!.value).toBeGreaterThan(0.9);

  const { node } = await client.request<{ node: { adapter: unknown } }>(
    'query ($id: ID!) { node(id: $id) { ... on BaseModel { adapter { rank frozenWeights } } } }',
    { id: whole.model!.id },
  );
  expect(node.adapter).toEqual({ rank: 4, frozenWeights: 'INT4' });

  const { tensors: base } = await tensorsOf(llama, 'HUGGING_FACE');
  const { tensors: whole32 } = await tensorsOf(whole.model!.id, 'HUGGING_FACE');
  const { tensors: parts, files } = await tensorsOf(whole.model!.id, 'PEFT');
  expect(JSON.parse(files.get('adapter_config.json')!.toString('utf8'))).not.toHaveProperty('frozenWeights');
  const module = 'model.layers.1.self_attn.q_proj';
  const [a, b] = ['A', 'B'].map((letter) => {
    const found = [...parts].find(([name]) => name.endsWith(`layers.1.self_attn.q_proj.lora_${letter}.weight`));
    return found![1].data;
  });
  // alpha / rank with the default alpha of 16.
  const scale = 16 / 4;
  const [before, after] = [base, whole32].map((tensors) => tensors.get(`${module}.weight`)!.data);
  let changed = 0;
  for (let row = 0; row < 64; row++) {
    for (let column = 0; column < 64; column++) {
      const i = row * 64 + column;
      let product = 0;
      for (let r = 0; r < 4; r++) product += b![row * 4 + r]! * a![r * 64 + column]!;
      expect(after![i]).toBeCloseTo(before![i]! + scale * product, 5);
      if (after![i] !== before![i]) changed++;
    }
  }
  expect(changed).toBeGreaterThan(4000);
  expect(whole32.get('model.embed_tokens.weight')).toEqual(base.get('model.embed_tokens.weight'));
}, 240_000);

test('int8: the texts themselves', async () => {
  const { whole, last } = await trainTwice(adapted('INT8'), { method: { languageModelling: { textColumn: 'text' } } });
  await last.end();
  const validation = pointsOf(whole, 'validation/loss');
  const merged = pointsOf(whole, 'merged/loss');
  expect(merged).toHaveLength(1);
  expect(merged[0]!.value).toBeLessThan(validation[0]!.value!);
  expect(Math.abs(merged[0]!.value! - validation.at(-1)!.value!)).toBeLessThan(0.05);
  expect(pointsOf(whole, 'merged/perplexity')).toHaveLength(1);
}, 240_000);
