import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  killTestWorker,
  type RunningProcess,
  startTestPlatform,
  startTestWorker,
  type TestPlatform,
} from '../support/platform.js';
import { queryDatabase } from '../support/query-database.js';
import { allEvents, createTopics, readExperiment, startTopicRun } from '../support/training.js';

const problems = '... on Problems { problems { path code message hint } }';
const fields = /* GraphQL */ `id status canceling rowCount rejectedCount errorCount textColumn
  progress { rowsDone rowsTotal } problem { code message } addedColumns { name content task }
  file { name sizeBytes sha256 url link { url } }`;

interface Batch {
  readonly id: string;
  readonly status: string;
  readonly canceling: boolean;
  readonly rowCount: number;
  readonly rejectedCount: number;
  readonly errorCount: number | null;
  readonly textColumn: string;
  readonly progress: { readonly rowsDone: number; readonly rowsTotal: number } | null;
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly addedColumns: readonly { readonly name: string }[];
  readonly file: {
    readonly name: string;
    readonly sizeBytes: number;
    readonly sha256: string;
    readonly url: string;
    readonly link: { readonly url: string };
  } | null;
}

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let topics: string;
let model: string;

const inDatabase = (sql: string) => queryDatabase(database.url, sql);

const startWorker = () => startTestWorker({ databaseUrl: database.url, home });

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-batch-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startWorker();
  topics = await createTopics(platform.client, 200);
  const run = await startTopicRun(platform.client, topics);
  await allEvents(platform.client, run);
  model = (await readExperiment(platform.client, run)).model!.id;
}, 120_000);

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

async function upload(fileName: string, format: string, content: string): Promise<string> {
  const created = await platform.client.mutate<{ id: string; url: string }>(
    `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ... on Upload { id url } ${problems} } }`,
    { fileName, format },
  );
  await platform.client.upload(created.url, content);
  return created.id;
}

const start = (input: object): Promise<Batch> =>
  platform.client.mutate<Batch>(
    `mutation ($input: PredictBatchInput!) { predictBatch(input: $input) { ... on BatchPrediction { ${fields} } ${problems} } }`,
    { modelId: model, ...input },
  );

/** Every state of a batch prediction, until it has ended. */
async function* watch(batchPredictionId: string): AsyncGenerator<Batch> {
  for await (const { batchPredictionChanged } of platform.client.subscribe<{ batchPredictionChanged: Batch }>(
    `subscription ($id: ID!) { batchPredictionChanged(batchPredictionId: $id) { ${fields} } }`,
    { id: batchPredictionId },
  )) {
    yield batchPredictionChanged;
  }
}

async function ended(batchPredictionId: string): Promise<Batch> {
  let last: Batch | null = null;
  for await (const state of watch(batchPredictionId)) last = state;
  return last!;
}

async function succeeded(input: object): Promise<Batch> {
  const batch = await ended((await start(input)).id);
  expect([batch.status, batch.problem]).toEqual(['SUCCEEDED', null]);
  return batch;
}

async function download(path: string): Promise<string> {
  const response = await fetch(`${platform.url}${path}`);
  expect(response.status).toBe(200);
  return response.text();
}

interface Predicted {
  readonly label: string;
  readonly probability: number;
  readonly labels: readonly { readonly label: string; readonly probability: number }[];
}

async function predict(texts: readonly string[]): Promise<Predicted[]> {
  const { prediction } = await platform.client.request<{ prediction: { texts: { predictions: [Predicted] }[] } }>(
    `query ($input: PredictInput!) { prediction(input: $input) { ... on Prediction {
       texts { predictions { ... on TaskPrediction { label probability labels { label probability } } } } } } }`,
    { input: { modelId: model, texts } },
  );
  return prediction.texts.map(({ predictions: [first] }) => first);
}

test('a dataset version becomes JSON lines with all its columns, equal to single predictions', async () => {
  const batch = await succeeded({ datasetVersionId: topics, withProbabilities: true });
  expect(batch).toMatchObject({ rowCount: 200, errorCount: 0, textColumn: 'text' });
  expect(batch.progress).toEqual({ rowsDone: 200, rowsTotal: 200 });
  expect(batch.addedColumns.map(({ name }) => name)).toEqual([
    'split',
    'predicted_topic',
    'predicted_topic_probability',
    'predicted_topic_probabilities',
    'prediction_truncated',
    'prediction_error',
  ]);
  expect(batch.file!.name).toBe('topics-topics-v1.jsonl');
  const rows = (await download(batch.file!.link.url))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows).toHaveLength(200);
  expect(Object.keys(rows[0])).toEqual(['text', 'topic', 'mood', ...batch.addedColumns.map(({ name }) => name)]);
  const single = await predict(rows.map(({ text }) => text));
  for (const [i, row] of rows.entries()) {
    expect(row.text.endsWith(`note ${i}`)).toBe(true);
    expect(row).toMatchObject({ prediction_truncated: false, prediction_error: null });
    expect(row.predicted_topic).toBe(single[i]!.label);
    expect(row.predicted_topic_probability).toBeCloseTo(single[i]!.probability, 6);
    expect(row.predicted_topic_probabilities.map(({ label }: { label: string }) => label)).toEqual(
      single[i]!.labels.map(({ label }) => label),
    );
  }
  expect(rows.filter(({ predicted_topic, topic }) => predicted_topic === topic).length).toBeGreaterThan(190);
  expect(new Set(rows.map(({ split }) => split))).toEqual(new Set(['train', 'validation', 'test']));

  const test = await succeeded({ datasetVersionId: topics, split: 'test', format: 'PARQUET' });
  expect(test.file!.name).toBe('topics-topics-v1-test.parquet');
  const path = join(home, test.file!.name);
  await writeFile(path, Buffer.from(await (await fetch(`${platform.url}${test.file!.url}`)).arrayBuffer()));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const read = await connection.runAndReadAll(`SELECT text, predicted_topic FROM read_parquet('${path}')`);
  expect(read.getRows()).toEqual(
    rows.filter(({ split }) => split === 'test').map(({ text, predicted_topic }) => [text, predicted_topic]),
  );
});

test('an uploaded CSV becomes a CSV: quotes, lines and codes as they were, rows without a text with an error', async () => {
  const content = [
    'id,note,Prediction_Error',
    '007,"the goalkeeper said ""never"", twice",a',
    '008,"the soup\nwas awful",',
    '009,,c',
    '010,   ,d',
    '',
  ].join('\n');
  const uploadId = await upload('my notes.csv', 'CSV', content);
  const input = { uploadId, format: 'CSV', textColumn: 'note', idempotencyKey: 'notes' };
  const batch = await succeeded(input);
  expect(batch).toMatchObject({ rowCount: 4, rejectedCount: 0, errorCount: 2, textColumn: 'note' });
  expect(batch.file!.name).toBe('topics-my-notes.csv');
  // The key gives the same one again, though the upload is used up.
  expect((await start(input)).id).toBe(batch.id);
  const path = join(home, 'result.csv');
  await writeFile(path, await download(batch.file!.url));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const read = await connection.runAndReadAll(`SELECT * FROM read_csv('${path}', all_varchar = true, header = true)`);
  const [good, soup] = await predict(['the goalkeeper said "never", twice', 'the soup\nwas awful']);
  const row = (each: Predicted) => [each.label, expect.stringMatching(/^0\.\d+/), 'false', null];
  expect(read.columnNames()).toEqual([
    'id',
    'note',
    'Prediction_Error',
    'predicted_topic',
    'predicted_topic_probability',
    'prediction_truncated',
    'prediction_error_2',
  ]);
  expect(read.getRows()).toEqual([
    ['007', 'the goalkeeper said "never", twice', 'a', ...row(good!)],
    ['008', 'the soup\nwas awful', null, ...row(soup!)],
    ['009', null, 'c', null, null, null, 'EMPTY_TEXT'],
    ['010', '   ', 'd', null, null, null, 'EMPTY_TEXT'],
  ]);
});

/** So many rows that predicting takes seconds. */
const manyRows = 12_000;
const many = () =>
  Array.from(
    { length: manyRows },
    (_, i) => `${JSON.stringify({ n: i, text: `the soup in match ${i} was number ${i % 977}` })}\n`,
  ).join('');

test('a batch that runs is canceled within moments, and leaves nothing behind', async () => {
  const { id } = await start({ uploadId: await upload('many.jsonl', 'JSONL', many()) });
  let asked = false;
  let last: Batch | null = null;
  for await (const state of watch(id)) {
    last = state;
    if (asked || (state.progress?.rowsDone ?? 0) === 0) continue;
    asked = true;
    await platform.client.mutate(
      `mutation ($input: BatchPredictionActionInput!) { cancelBatchPrediction(input: $input) { ... on BatchPrediction { id } ${problems} } }`,
      { batchPredictionId: id },
    );
  }
  expect(last).toMatchObject({ status: 'CANCELED', file: null });
  expect(await readdir(join(home, 'batches'))).toEqual([]);
  const [row] = await inDatabase('SELECT source_digest FROM batch_predictions ORDER BY created_at DESC LIMIT 1');
  expect(row).toEqual({ source_digest: null });
});

test('a killed worker is followed by one that goes on: the same bytes as of a batch that was left alone', async () => {
  const { id } = await start({ uploadId: await upload('many.jsonl', 'JSONL', many()) });
  for await (const { progress } of watch(id)) if ((progress?.rowsDone ?? 0) >= 9_000) break;
  await killTestWorker(worker, database.url);
  // A part is written after five seconds, or with 8,192 rows.
  expect(
    (await readdir(join(home, 'batches', `${Buffer.from(id, 'base64').toString().split(':')[1]}.part`))).length,
  ).toBeGreaterThan(0);
  worker = startWorker();
  const resumedAt: number[] = [];
  let last: Batch | null = null;
  for await (const state of watch(id)) {
    last = state;
    if (state.progress !== null) resumedAt.push(state.progress.rowsDone);
  }
  expect(last).toMatchObject({ status: 'SUCCEEDED', rowCount: manyRows, errorCount: 0 });
  expect(Math.min(...resumedAt)).toBeGreaterThan(0);
  const [job] = await inDatabase(
    `SELECT attempt FROM jobs WHERE batch_prediction_id = (SELECT id FROM batch_predictions ORDER BY created_at DESC LIMIT 1)`,
  );
  expect(job).toEqual({ attempt: 2 });
  const lines = (await download(last!.file!.url)).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: manyRows }, (_, n) => n));
  const whole = await succeeded({ uploadId: await upload('many.jsonl', 'JSONL', many()) });
  expect(last!.file!.sha256).toBe(whole.file!.sha256);
}, 400_000);
