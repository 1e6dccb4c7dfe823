import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { importReference } from '../support/models.js';
import { startTestPlatform, startTestWorker, type TestPlatform, withTestWorker } from '../support/platform.js';
import { queryDatabase } from '../support/query-database.js';
import { allEvents, createTopics, firstEvent, readExperiment, startTopicRun, uploadRows } from '../support/training.js';

const hourMs = 3_600_000;
const shifted = (shiftMs: number) => ({
  NODE_OPTIONS: `--import ${new URL('../support/shifted-clock.mjs', import.meta.url)}`,
  ATTUNE_TEST_CLOCK_SHIFT_MS: String(shiftMs),
});

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let topics: string;
let baseModelId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-clocks-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  await withTestWorker({ databaseUrl: database.url, home }, async () => {
    topics = await createTopics(platform.client, 200);
    baseModelId = await importReference(platform.client, 'bert-bare');
  });
});

afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

// 600 steps, in some seconds.
const training = { epochs: 30, checkpointEverySteps: 20 };

test('workers whose clocks are an hour off, or jump, keep their leases, and take over from those that died', async () => {
  const { client } = platform;
  await using fast = startTestWorker({ databaseUrl: database.url, home, env: shifted(hourMs) });
  const run = await startTopicRun(client, topics, training, { baseModelId });
  const afterStep = (step: number) =>
    firstEvent(client, run, (event) => event.__typename === 'MetricsRecorded' && event.step! >= step);
  await afterStep(30);
  fast.child.kill('SIGUSR2');
  await afterStep(100);
  expect((await readExperiment(client, run)).attempts).toEqual([{ attempt: 1, outcome: null, resumedFromStep: 0 }]);
  await fast.end('SIGKILL');
  await using _slow = startTestWorker({ databaseUrl: database.url, home, env: shifted(-hourMs) });
  await afterStep(150);
  const { serverInfo } = await client.request<{ serverInfo: { workers: { status: string; lastSeenAt: string }[] } }>(
    '{ serverInfo { workers { status lastSeenAt } } }',
  );
  for (const { status, lastSeenAt } of serverInfo.workers) {
    expect(status).toBe('ONLINE');
    expect(Math.abs(Date.parse(lastSeenAt) - Date.now())).toBeLessThan(60_000);
  }
  await allEvents(client, run);
  const undisturbed = await startTopicRun(client, topics, training, { baseModelId });
  await allEvents(client, undisturbed);

  const [disturbed, whole] = [await readExperiment(client, run), await readExperiment(client, undisturbed)];
  expect(disturbed.attempts.map(({ outcome }) => outcome)).toEqual(['LOST', 'SUCCEEDED']);
  expect(whole.attempts.map(({ outcome }) => outcome)).toEqual(['SUCCEEDED']);
  expect(disturbed.model!.digest).toBe(whole.model!.digest);
}, 120_000);

test('a worker that stood still past its lease goes on, in the same attempt, with what nobody took over', async () => {
  const { client } = platform;
  await using worker = startTestWorker({ databaseUrl: database.url, home });
  const run = await startTopicRun(client, topics, training, { baseModelId });
  const afterStep = (step: number) =>
    firstEvent(client, run, (event) => event.__typename === 'MetricsRecorded' && event.step! >= step);
  await afterStep(10);
  worker.child.kill('SIGSTOP');
  const isOver = () =>
    queryDatabase(database.url, `SELECT lease_until < now() AS "isOver" FROM jobs WHERE state = 'claimed'`);
  await expect.poll(isOver).toEqual([{ isOver: true }]);
  worker.child.kill('SIGCONT');
  await allEvents(client, run);
  expect((await readExperiment(client, run)).attempts).toEqual([
    { attempt: 1, outcome: 'SUCCEEDED', resumedFromStep: 0 },
  ]);
  expect(worker.output()).not.toContain('Giving up this attempt');
}, 120_000);

test('an API process whose clock is ahead takes uploads, which a worker whose clock is behind reads for another one', async () => {
  await using ahead = await startTestPlatform({ home, databaseUrl: database.url, env: shifted(hourMs) });
  await using _behind = startTestWorker({ databaseUrl: database.url, home, env: shifted(-hourMs) });
  const { url } = await platform.client.mutate<{ url: string }>(
    `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ... on Upload { id url } } }`,
    { fileName: 'rows.jsonl', format: 'JSONL' },
  );
  await ahead.client.upload(url, '{"text":"a","topic":"b"}\n');
  const upload = await uploadRows(ahead.client, [{ text: 'a', topic: 'b' }]);
  const dataset = await platform.client.mutate<{ name: string }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
       ... on Dataset { name } ... on Problems { problems { path code message hint } } } }`,
    { name: 'of an hour ahead', uploadId: upload, split: { seed: 1 } },
  );
  expect(dataset).toEqual({ name: 'of an hour ahead' });
}, 60_000);
