import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { predict } from '../../src/demo/operations.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type RunningProcess, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { allEvents, createTopics, firstEvent, pointsOf, readExperiment, startTopicRun } from '../support/training.js';

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: RunningProcess;
let topics: string;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-control-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({ databaseUrl: database.url, home });
  topics = await createTopics(platform.client, 200);
});

afterAll(async () => {
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

async function act(mutation: string, experimentId: string): Promise<{ status?: string }> {
  return platform.client.mutate(
    `mutation ($input: ExperimentActionInput!) {
      ${mutation}(input: $input) { ... on Experiment { status } ... on Problems { problems { path code message hint } } }
    }`,
    { experimentId },
  );
}

test('cancel ends a run within one step', async () => {
  const { client } = platform;
  const experiment = await startTopicRun(client, topics, { epochs: 50 });
  await firstEvent(client, experiment, (event) => event.__typename === 'MetricsRecorded' && event.step === 2);
  await act('cancelExperiment', experiment);
  const events = await allEvents(client, experiment);

  const canceling = events.find((event) => event.to === 'CANCELING')!;
  const stepsAfter = events.filter((event) => event.__typename === 'MetricsRecorded' && event.seq > canceling.seq);
  // The step that was running, and what telemetry had not yet written when the flag was set.
  expect(stepsAfter.length).toBeLessThanOrEqual(4);
  expect(events.at(-1)).toMatchObject({ __typename: 'StatusChanged', to: 'CANCELED' });
  expect(await act('cancelExperiment', experiment)).toEqual({ status: 'CANCELED' });
  await expect(act('resumeExperiment', experiment)).rejects.toThrow(/CONFLICT/);
});

test('a paused run goes on where it was, to the same bytes', async () => {
  const { client } = platform;
  const paused = await startTopicRun(client, topics, { epochs: 2, seed: 11, dropout: 0.1 });
  await firstEvent(client, paused, (event) => event.__typename === 'MetricsRecorded' && event.step! >= 5);
  await act('pauseExperiment', paused);
  await firstEvent(client, paused, (event) => event.to === 'PAUSED');
  await act('resumeExperiment', paused);
  await allEvents(client, paused);
  const unbroken = await startTopicRun(client, topics, { epochs: 2, seed: 11, dropout: 0.1 });
  await allEvents(client, unbroken);

  const [first, second] = [await readExperiment(client, paused), await readExperiment(client, unbroken)];
  expect(first.attempts.map((attempt) => attempt.outcome)).toEqual(['PAUSED', 'SUCCEEDED']);
  expect(pointsOf(first, 'train/loss').map((point) => point.step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(first.model!.digest).toBe(second.model!.digest);
}, 120_000);

test('a prediction does not wait for a training run', async () => {
  const { client } = platform;
  const trained = await startTopicRun(client, topics, { epochs: 2 });
  await allEvents(client, trained);
  const { model } = await readExperiment(client, trained);
  const training = await startTopicRun(client, topics, { epochs: 50 });
  await firstEvent(client, training, (event) => event.__typename === 'MetricsRecorded');

  const [sport, food] = await predict(client, model!.id, [
    'the goalkeeper was wonderful at the stadium',
    'this recipe was awful with fresh basil',
  ]);
  expect((await readExperiment(client, training)).status).toBe('TRAINING');
  await act('cancelExperiment', training);
  expect(sport!.tasks[0]!.labels[0]!.label).toBe('sport');
  expect(food!.tasks[0]!.labels[0]!.label).toBe('food');
  for (const { tasks } of [sport!, food!]) {
    expect(tasks[0]!.labels.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
  }
}, 120_000);

test('several tasks share an encoder, with missing labels masked', async () => {
  const { client } = platform;
  const experiment = await startTopicRun(
    client,
    topics,
    { epochs: 3 },
    {
      method: {
        multiTask: {
          textColumn: 'text',
          tasks: [
            { name: 'topic', labelColumn: 'topic' },
            { name: 'mood', labelColumn: 'mood' },
          ],
          lossWeighting: 'UNCERTAINTY',
        },
      },
    },
  );
  await allEvents(client, experiment);
  const state = await readExperiment(client, experiment);
  expect(state.status).toBe('SUCCEEDED');
  for (const key of ['train/loss', 'train/topic/loss', 'train/mood/loss', 'train/topic/lossWeight']) {
    expect(pointsOf(state, key), key).toHaveLength(60);
  }
  for (const key of ['validation/topic/f1', 'validation/mood/f1', 'validation/mood/loss']) {
    expect(pointsOf(state, key), key).toHaveLength(3);
  }
  expect(pointsOf(state, 'validation/topic/f1').at(-1)!.value).toBeGreaterThan(0.9);
}, 120_000);
