import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { follow } from '../../bench/chaos/follow.js';
import { createTestDatabase } from '../support/database.js';
import type { GraphQLClient } from '../support/graphql-client.js';
import { importReference } from '../support/models.js';
import { startTestPlatform, startTestWorker } from '../support/platform.js';
import { createTopics, firstEvent, readExperiment, startTopicRun, topicRows, uploadRows } from '../support/training.js';

test('an API is killed that waits for a dataset: it is made all the same, once, and the repeated call returns it', async () => {
  await using database = await createTestDatabase();
  const home = await mkdtemp(join(tmpdir(), 'attune-two-apis-'));
  const watching = new pg.Client({ connectionString: database.url });
  try {
    await using killed = await startTestPlatform({ home, databaseUrl: database.url });
    await using other = await startTestPlatform({ home, databaseUrl: database.url });
    await watching.connect();
    const read = async (sql: string) => (await watching.query(sql)).rows;
    const input = { name: 'rows', uploadId: await uploadRows(killed.client, topicRows(200)), idempotencyKey: 'once' };
    const create = (client: GraphQLClient) =>
      client.mutate<{ id: string; latest: { exampleCount: number } }>(
        `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
           ... on Dataset { id latest { exampleCount } } ... on Problems { problems { path code message } } } }`,
        input,
      );
    const lost = create(killed.client).then(
      () => 'answered',
      () => 'lost',
    );
    await expect.poll(() => read('SELECT status FROM preparations')).toEqual([{ status: 'QUEUED' }]);
    await killed.process.end('SIGKILL');
    expect(await lost).toBe('lost');
    await using _worker = startTestWorker({ databaseUrl: database.url, home });
    const [made, again] = await Promise.all([create(other.client), create(other.client)]);
    expect(made.latest.exampleCount).toBe(200);
    expect(again).toEqual(made);
    expect(await create(other.client)).toEqual(made);
    expect(await read('SELECT status FROM preparations')).toEqual([{ status: 'SUCCEEDED' }]);
    expect(await read('SELECT count(*)::int AS versions FROM dataset_versions')).toEqual([{ versions: 1 }]);
  } finally {
    await watching.end();
    await rm(home, { recursive: true, force: true });
  }
}, 120_000);

test('one of two APIs is killed under its subscribers: they go on at the other, and a repeated mutation counts once', async () => {
  await using database = await createTestDatabase();
  const home = await mkdtemp(join(tmpdir(), 'attune-two-apis-'));
  try {
    await using killed = await startTestPlatform({ home, databaseUrl: database.url });
    await using other = await startTestPlatform({ home, databaseUrl: database.url });
    await using _worker = startTestWorker({ databaseUrl: database.url, home });
    const topics = await createTopics(killed.client, 200);
    const baseModelId = await importReference(killed.client, 'bert-bare');
    // 600 steps, in some seconds.
    const training = { epochs: 30, checkpointEverySteps: 20 };
    const run = await startTopicRun(killed.client, topics, training, { baseModelId });
    const apis = [killed, other];
    const followers = (['WebSocket', 'SSE'] as const).flatMap((transport) =>
      [0, 0, 1].map((first) => follow({ apis }, run, transport, first, AbortSignal.timeout(110_000))),
    );
    await firstEvent(other.client, run, (event) => event.__typename === 'MetricsRecorded' && event.step! >= 20);

    // The answer never arrives, whether the mutation took effect or not.
    const once = { baseModelId, name: 'asked twice', idempotencyKey: 'asked twice', priority: -1 };
    const lost = startTopicRun(killed.client, topics, training, once).catch(() => null);
    await killed.process.end('SIGKILL');
    await lost;
    const asked = await startTopicRun(other.client, topics, training, once);
    expect(await startTopicRun(other.client, topics, training, once)).toBe(asked);

    await Promise.all(followers.map(({ finished }) => finished));
    expect((await readExperiment(other.client, run)).status).toBe('SUCCEEDED');
    const [{ seqs }] = followers as [(typeof followers)[number]];
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
    for (const each of followers) expect(each.seqs).toEqual(seqs);
    expect(followers.map(({ reconnects }) => reconnects() > 0)).toEqual([true, true, false, true, true, false]);
    const { project } = await other.client.request<{ project: { experiments: { nodes: { name: string }[] } } }>(
      '{ project { experiments { nodes { name } } } }',
    );
    expect(project.experiments.nodes.map(({ name }) => name).sort()).toEqual(['asked twice', 'topics']);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}, 120_000);
