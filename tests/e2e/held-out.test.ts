import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type RunningProcess, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import {
  allEvents,
  firstEvent,
  pointsOf,
  readExperiment,
  startTopicRun,
  topicRows,
  uploadRows,
} from '../support/training.js';

const problems = '... on Problems { problems { path code message hint } }';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let trainOnly: string;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-held-out-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({ databaseUrl: database.url, home });
  const { client } = platform;
  const rows = topicRows(120).map((row, i) => ({ ...row, moods: row.mood === null ? [] : [row.mood], length: i }));
  const { latest } = await client.mutate<{ latest: { id: string } }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) { ... on Dataset { latest { id } } ${problems} } }`,
    {
      name: 'train only',
      uploadId: await uploadRows(client, rows),
      split: { fractions: [{ name: 'train', fraction: 1 }] },
    },
  );
  trainOnly = latest.id;
});

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

async function act(mutation: string, experimentId: string): Promise<void> {
  await platform.client.mutate(
    `mutation ($input: ExperimentActionInput!) { ${mutation}(input: $input) { ... on Experiment { status } ${problems} } }`,
    { experimentId },
  );
}

test('a paused run divides the training split again in the same way, and early stopping goes by the part', async () => {
  const { client } = platform;
  const settings = { epochs: 3, dropout: 0.1, earlyStopping: { metric: 'validation/accuracy', patience: 3 } };
  const paused = await startTopicRun(client, trainOnly, settings);
  await firstEvent(client, paused, (event) => event.__typename === 'MetricsRecorded' && event.step! >= 5);
  await act('pauseExperiment', paused);
  await firstEvent(client, paused, (event) => event.to === 'PAUSED');
  await act('resumeExperiment', paused);
  await allEvents(client, paused);
  const unbroken = await startTopicRun(client, trainOnly, settings);
  await allEvents(client, unbroken);
  const [first, second] = [await readExperiment(client, paused), await readExperiment(client, unbroken)];
  expect(first.attempts.map(({ outcome }) => outcome)).toEqual(['PAUSED', 'SUCCEEDED']);
  expect(first.model!.digest).toBe(second.model!.digest);
  // 120 rows, of which 20 are held out: 13 batches of 8 an epoch.
  expect(pointsOf(first, 'validation/accuracy').map(({ step }) => step)).toEqual([13, 26, 39]);
  // Each example is right or wrong: accuracies are multiples of a twentieth.
  for (const { value } of pointsOf(first, 'validation/accuracy')) expect((value! * 20) % 1).toBeCloseTo(0, 9);
}, 120_000);

test('several tasks, and thresholds that are chosen on the held-out part', async () => {
  const { client } = platform;
  const method = {
    multiTask: {
      textColumn: 'text',
      tasks: [
        { name: 'topic', labelColumn: 'topic' },
        { name: 'moods', head: { multiLabel: { labelColumn: 'moods', thresholds: { kind: 'CHOSEN' } } } },
        { name: 'length', head: { regression: { targetColumns: ['length'] } } },
      ],
      lossWeighting: 'UNCERTAINTY',
    },
  };
  const id = await startTopicRun(client, trainOnly, { epochs: 1 }, { method });
  await allEvents(client, id);
  const state = await readExperiment(client, id);
  expect([state.status, state.problem]).toEqual(['SUCCEEDED', null]);
  expect(pointsOf(state, 'validation/moods/microF1')).toHaveLength(1);
  expect(pointsOf(state, 'validation/length/mse')).toHaveLength(1);
}, 120_000);
