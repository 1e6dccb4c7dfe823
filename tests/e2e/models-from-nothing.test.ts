import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBaseModel } from '../../src/demo/operations.js';
import { createTokenizer } from '../../src/tokenizer/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { readGguf } from '../support/gguf-file.js';
import { exportModel, type ImportState, importModel, readZip, referenceModel, watchImport } from '../support/models.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { allEvents, createTopics, pointsOf, readExperiment, startTopicRun } from '../support/training.js';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-models-from-nothing-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
});

afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

async function make(name: string, configuration: Record<string, unknown>): Promise<ImportState> {
  const states: ImportState[] = [];
  const importId = await importModel(platform.client, { name, source: { configuration } });
  for await (const state of watchImport(platform.client, importId)) states.push(state);
  return states.at(-1)!;
}

async function digestOf(id: string): Promise<string> {
  const { node } = await platform.client.request<{ node: { digest: string } }>(
    'query ($id: ID!) { node(id: $id) { ... on BaseModel { digest } } }',
    { id },
  );
  return node.digest;
}

test('a Llama of nothing but sizes learns topics, and goes out as transformers has it', async () => {
  const { client } = platform;
  await using _worker = startTestWorker({ databaseUrl: database.url, home });
  const tokenizer = { baseModelId: (await findBaseModel(client, 'use-lite')).id };
  const sizes = { architecture: 'LLAMA', tokenizer, hiddenSize: 32, layers: 2, keyValueHeads: 1, contextLength: 64 };
  const made = await make('tiny', { ...sizes, attentionHeads: 2, seed: 3 });
  expect(made).toMatchObject({
    status: 'SUCCEEDED',
    problem: null,
    model: { name: 'tiny', architecture: 'LLAMA' },
  });
  expect(made.progress).toMatchObject({ bytesDone: made.progress!.bytesTotal });
  const again = await make('tiny again', { ...sizes, attentionHeads: 2, seed: 3 });
  const other = await make('tiny of another seed', { ...sizes, attentionHeads: 2, seed: 4 });
  const digests = await Promise.all([made, again, other].map(({ model }) => digestOf(model!.id)));
  expect(digests[1]).toBe(digests[0]);
  expect(digests[2]).not.toBe(digests[0]);
  expect(await make('without such a token', { ...sizes, endToken: 'nowhere' })).toMatchObject({
    status: 'FAILED',
    problem: { code: 'NOT_FOUND' },
    model: null,
  });

  const datasetVersionId = await createTopics(client, 120);
  const experiment = await startTopicRun(
    client,
    datasetVersionId,
    { epochs: 6, learningRate: 0.01 },
    { baseModelId: made.model!.id },
  );
  await allEvents(client, experiment);
  const state = await readExperiment(client, experiment);
  expect({ status: state.status, problem: state.problem }).toEqual({ status: 'SUCCEEDED', problem: null });
  // Half of the texts are of each topic: whoever has learned nothing is right half of the time.
  expect(pointsOf(state, 'validation/accuracy').at(-1)!.value).toBeGreaterThan(0.9);

  const exported = await exportModel(client, made.model!.id, 'HUGGING_FACE');
  expect(exported).toMatchObject({ status: 'SUCCEEDED', problem: null });
  const files = readZip(Buffer.from(await (await fetch(new URL(exported.archiveUrl!, platform.url))).arrayBuffer()));
  expect(JSON.parse(files.get('config.json')!.toString('utf8'))).toMatchObject({
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: 8000,
    hidden_size: 32,
    intermediate_size: 88,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 16,
    max_position_embeddings: 64,
    tie_word_embeddings: true,
    rope_theta: 10_000,
    bos_token_id: 1,
    eos_token_id: 2,
    initializer_range: 0.02,
  });
  expect(JSON.parse(files.get('tokenizer_config.json')!.toString('utf8'))).toMatchObject({ eos_token: '</s>' });
  expect([...files.keys()]).toEqual(expect.arrayContaining(['model.safetensors', 'tokenizer.json']));

  const forLlamaCpp = await exportModel(client, made.model!.id, 'GGUF');
  expect(forLlamaCpp).toMatchObject({ status: 'SUCCEEDED', problem: null });
  expect(forLlamaCpp.certificate!.checks.map(({ file }) => file)).toEqual(['model-F16.gguf']);
  const gguf = forLlamaCpp.files.find(({ name }) => name === 'model-F16.gguf')!;
  const bytes = Buffer.from(await (await fetch(new URL(gguf.url, platform.url))).arrayBuffer());
  expect(readGguf(bytes).metadata).toMatchObject({ 'general.name': 'tiny', 'llama.block_count': 2 });

  const { project } = await client.request<{ project: { baseModels: { nodes: { name: string; source: string }[] } } }>(
    '{ project { baseModels(filter: { origin: [CONFIGURATION] }, first: 10) { nodes { name source } } } }',
  );
  expect(project.baseModels.nodes.map(({ name }) => name).sort()).toEqual([
    'tiny',
    'tiny again',
    'tiny of another seed',
  ]);
}, 180_000);

/** Uploads a document; returns the upload's id. */
async function upload(content: string | Buffer, format = 'JSON', fileName = 'tokenizer.json'): Promise<string> {
  const { client } = platform;
  const created = await client.mutate<{ id: string; url: string }>(
    'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ... on Upload { id url } } }',
    { fileName, format },
  );
  await client.upload(created.url, content.toString());
  return created.id;
}

async function refusals(mutation: string, type: string, input: object): Promise<{ path: string[]; code: string }[]> {
  const document = `mutation ($input: ${type}!) { made: ${mutation}(input: $input) { ... on Problems { problems { path code } } } }`;
  const { made } = await platform.client.request<{ made: { problems: { path: string[]; code: string }[] } }>(document, {
    input,
  });
  return made.problems;
}

test('a model from nothing has a tokenizer that was uploaded', async () => {
  const { client } = platform;
  await using _worker = startTestWorker({ databaseUrl: database.url, home });
  const json = await readFile(join(referenceModel('bert'), 'tokenizer.json'));
  const sizes = { architecture: 'BERT', hiddenSize: 16, layers: 1, attentionHeads: 2, contextLength: 32 };
  const uploadId = await upload(json);
  const made = await make('with my tokens', { ...sizes, tokenizer: { uploadId } });
  expect(made).toMatchObject({ status: 'SUCCEEDED', problem: null });
  const { node } = await client.request<{ node: { tokenize: { tokens: { token: string }[] } } }>(
    'query ($id: ID!) { node(id: $id) { ... on BaseModel { tokenize(text: "the card") { tokens { token } } } } }',
    { id: made.model!.id },
  );
  const own = createTokenizer(json);
  const { ids } = own.encode('the card', null, { maxLength: 32, truncationSide: 'right' });
  expect(node.tokenize.tokens.map(({ token }) => token)).toEqual(ids.map((id) => own.token(id)));

  // It is checked as an imported model's is.
  const strange = { ...JSON.parse(json.toString()), pre_tokenizer: { type: 'Astrology' } };
  const refused = await make('strange', { ...sizes, tokenizer: { uploadId: await upload(JSON.stringify(strange)) } });
  expect(refused.status).toBe('FAILED');
  expect(refused.problem!.message).toContain('Astrology');
  const small = await make('too small', { ...sizes, vocabularySize: 5, tokenizer: { uploadId: await upload(json) } });
  expect(small).toMatchObject({ status: 'FAILED', problem: { code: 'INVALID_VALUE' } });

  // An upload is used once, and rows are no tokenizer.
  const at = ['source', 'configuration', 'tokenizer', 'uploadId'];
  const importing = (id: string) => ({
    name: 'again',
    source: { configuration: { ...sizes, tokenizer: { uploadId: id } } },
  });
  expect(await refusals('importBaseModel', 'ImportBaseModelInput', importing(uploadId))).toEqual([
    { path: at, code: 'UPLOAD_NOT_READY' },
  ]);
  const rows = await upload('{"a": 1}\n', 'JSONL', 'rows.jsonl');
  expect(await refusals('importBaseModel', 'ImportBaseModelInput', importing(rows))).toEqual([
    { path: at, code: 'WRONG_FORMAT' },
  ]);
}, 120_000);
