import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { importModel, referenceModel, watchImport } from '../support/models.js';
import {
  killTestWorker,
  startTestPlatform,
  startTestWorker,
  type TestPlatform,
  withTestWorker,
} from '../support/platform.js';
import { queryDatabase } from '../support/query-database.js';
import {
  allEvents,
  createTopics,
  firstEvent,
  pointsOf,
  readExperiment,
  startTopicRun,
  watch,
} from '../support/training.js';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let topics: string;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-recovery-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  topics = await withTestWorker({ databaseUrl: database.url, home }, () => createTopics(platform.client, 200));
});

afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

test('a run killed at five random steps ends with the same bytes as one that was left alone', async () => {
  const { client } = platform;
  const dropout = { dropout: 0.1, epochs: 2 };
  const interrupted = await startTopicRun(client, topics, dropout);
  // 160 training rows in batches of 8: 20 steps an epoch, 40 in all.
  const killedAt = Array.from({ length: 5 }, (_, kill) => 4 + 7 * kill + Math.floor(Math.random() * 6));
  for (const step of killedAt) {
    const worker = startTestWorker({ databaseUrl: database.url, home });
    await firstEvent(client, interrupted, (event) => event.__typename === 'MetricsRecorded' && event.step! >= step);
    await killTestWorker(worker, database.url);
  }
  await using _last = startTestWorker({ databaseUrl: database.url, home });
  const events = await allEvents(client, interrupted);
  const unbroken = await startTopicRun(client, topics, dropout);
  await allEvents(client, unbroken);

  const [broken, whole] = [await readExperiment(client, interrupted), await readExperiment(client, unbroken)];
  expect(broken.status, `killed at ${killedAt}`).toBe('SUCCEEDED');
  expect(broken.attempts.map((attempt) => attempt.outcome)).toEqual([...Array(5).fill('LOST'), 'SUCCEEDED']);
  expect(broken.attempts.slice(1).every((attempt) => attempt.resumedFromStep > 0)).toBe(true);
  expect(broken.model!.digest, `killed at ${killedAt}`).toBe(whole.model!.digest);

  // No metric lost or doubled, and each value what the unbroken run had.
  const steps = Array.from({ length: 40 }, (_, index) => index + 1);
  expect(pointsOf(broken, 'train/loss').map((point) => point.step)).toEqual(steps);
  expect(pointsOf(broken, 'train/loss').map((point) => point.value)).toEqual(
    pointsOf(whole, 'train/loss').map((point) => point.value),
  );
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  // What an attempt recorded before it was lost stays readable, and equals what took its place.
  const first = pointsOf(await readExperiment(client, interrupted, 1), 'train/loss');
  expect(first.length).toBeGreaterThanOrEqual(killedAt[0]!);
  for (const point of first) expect(point.value).toBe(pointsOf(whole, 'train/loss')[point.step - 1]!.value);
}, 240_000);

test('an adapter on a BERT, killed twice, has the bytes of one that was left alone', async () => {
  const { client } = platform;
  let baseModelId = '';
  {
    await using _worker = startTestWorker({ databaseUrl: database.url, home });
    const source = { folder: { path: referenceModel('bert-bare') } };
    const imported = await importModel(client, { name: 'tiny bert', source });
    for await (const { model } of watchImport(client, imported)) baseModelId = model?.id ?? baseModelId;
  }
  // Dropout of the layers as the model's configuration has it, of the adapter as given.
  const adapted = { epochs: 2, dropout: null, adapter: { lora: { rank: 4, dropout: 0.2 } } };
  const interrupted = await startTopicRun(client, topics, adapted, { baseModelId });
  for (const step of [5, 23]) {
    const worker = startTestWorker({ databaseUrl: database.url, home });
    await firstEvent(client, interrupted, (event) => event.__typename === 'MetricsRecorded' && event.step! >= step);
    await killTestWorker(worker, database.url);
  }
  await using _last = startTestWorker({ databaseUrl: database.url, home });
  await allEvents(client, interrupted);
  const unbroken = await startTopicRun(client, topics, adapted, { baseModelId });
  await allEvents(client, unbroken);
  const [broken, whole] = [await readExperiment(client, interrupted), await readExperiment(client, unbroken)];
  expect(broken.attempts.map((attempt) => attempt.outcome)).toEqual(['LOST', 'LOST', 'SUCCEEDED']);
  expect(broken.model!.digest).toBe(whole.model!.digest);
  expect(pointsOf(broken, 'train/loss').map((point) => point.value)).toEqual(
    pointsOf(whole, 'train/loss').map((point) => point.value),
  );
}, 240_000);

test('a subscriber that reconnects to a restarted API goes on after its last seq', async () => {
  const { client } = platform;
  const experiment = await startTopicRun(client, topics, { epochs: 3 });
  await using _worker = startTestWorker({ databaseUrl: database.url, home });
  const seen: number[] = [];
  for await (const event of watch(client, experiment)) {
    seen.push(event.seq);
    if (event.__typename === 'MetricsRecorded' && event.step! >= 10) break;
  }
  const port = Number(new URL(platform.url).port);
  await client.close();
  await platform.process.end('SIGKILL');
  platform = await startTestPlatform({ home, databaseUrl: database.url, port });
  for await (const event of watch(platform.client, experiment, seen.at(-1))) seen.push(event.seq);

  expect(seen).toEqual(seen.map((_, index) => index + 1));
  expect((await readExperiment(platform.client, experiment)).status).toBe('SUCCEEDED');
}, 120_000);

test('two workers share the queue and never train the same run', async () => {
  const { client } = platform;
  const experiments: string[] = [];
  for (let seed = 0; seed < 4; seed++) experiments.push(await startTopicRun(client, topics, { epochs: 1, seed }));
  // On a busy machine one of them would take over what the other had no processor to keep within seconds.
  const env = { ATTUNE_THREADS: '1', ATTUNE_LEASE_SECONDS: '60' };
  await using _one = startTestWorker({ databaseUrl: database.url, home, env });
  await using _two = startTestWorker({ databaseUrl: database.url, home, env });
  await Promise.all(experiments.map((id) => allEvents(client, id)));

  for (const id of experiments) {
    const state = await readExperiment(client, id);
    expect(state.status).toBe('SUCCEEDED');
    expect(state.attempts.map((attempt) => attempt.outcome)).toEqual(['SUCCEEDED']);
    expect(pointsOf(state, 'train/loss')).toHaveLength(20);
  }
  const workers = await queryDatabase(
    database.url,
    'SELECT DISTINCT worker_id FROM run_attempts WHERE run_id IN (SELECT id FROM runs ORDER BY created_at DESC LIMIT 4)',
  );
  expect(workers).toHaveLength(2);
}, 180_000);
