import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { findPostmaster } from '../../src/database/embedded/postmaster.js';
import { readServerSettings } from '../../src/database/embedded/settings-file.js';
import { createTestDatabase } from '../support/database.js';
import type { GraphQLClient } from '../support/graphql-client.js';
import { importReference } from '../support/models.js';
import { startTestPlatform, startTestWorker } from '../support/platform.js';
import { mountSmallDisk } from '../support/small-disk.js';
import { allEvents, createTopics, firstEvent, readExperiment, startTopicRun, uploadRows } from '../support/training.js';

const cannotMount = 'this user may not mount a file system';

const createDataset = (client: GraphQLClient, name: string, uploadId: string) =>
  client.mutate<{ id: string }>(
    `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
       ... on Dataset { id } ... on Problems { problems { path code message hint } } } }`,
    { name, uploadId, split: { seed: 1 } },
  );

/** What lies in the store and in the folders of work, by name. */
async function filesUnder(home: string): Promise<string[]> {
  const files = await Promise.all(
    ['artifacts', 'ingestion'].map((folder) =>
      readdir(join(home, folder), { recursive: true, withFileTypes: true }).catch(() => []),
    ),
  );
  return files.flat().flatMap((entry) => (entry.isFile() ? [entry.name] : []));
}

test('uploads, datasets and checkpoints on a disk that is full, and has space again', async (context) => {
  using disk = mountSmallDisk(120);
  if (disk === null) return context.skip(cannotMount);
  await using database = await createTestDatabase();
  const home = join(disk.folder, 'home');
  await using platform = await startTestPlatform({ home, databaseUrl: database.url });
  await using worker = startTestWorker({ databaseUrl: database.url, home });
  const { client } = platform;
  const rows = Array.from({ length: 4000 }, (_, index) => ({
    text: `text ${index} ${'x'.repeat(200)}`,
    topic: `t${index % 3}`,
  }));

  const before = await filesUnder(home);
  await disk.fill(300_000);
  await expect(uploadRows(client, rows)).rejects.toThrow(/DISK_FULL.*no space left.*no part of it was kept/);
  expect(await filesUnder(home)).toEqual(before);

  await disk.empty();
  const upload = await uploadRows(client, rows);
  const received = await filesUnder(home);
  await disk.fill();
  // The first job of the thread that makes versions, and another one.
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await expect(createDataset(client, 'rows', upload)).rejects.toThrow(
      /DISK_FULL \(at uploadId\): The worker has no space left.*ATTUNE_HOME/,
    );
    expect(await filesUnder(home)).toEqual(received);
  }
  const { project } = await client.request<{ project: { datasets: { totalCount: number } } }>(
    '{ project { datasets { totalCount } } }',
  );
  expect(project.datasets.totalCount).toBe(0);
  await disk.empty();
  expect((await createDataset(client, 'rows', upload)).id).toBeTypeOf('string');

  const topics = await createTopics(client, 200);
  const baseModelId = await importReference(client, 'bert-bare');
  const waiting = await startTopicRun(client, topics, { epochs: 15 }, { baseModelId });
  await firstEvent(client, waiting, (event) => event.__typename === 'CheckpointSaved');
  await disk.fill();
  await worker.printed(/The disk is full: the run waits to write the checkpoint/);
  expect(await readExperiment(client, waiting)).toMatchObject({ status: 'TRAINING', problem: null });
  await disk.empty();
  const events = await allEvents(client, waiting);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const unbroken = await startTopicRun(client, topics, { epochs: 15 }, { baseModelId });
  await allEvents(client, unbroken);
  const [ended, whole] = [await readExperiment(client, waiting), await readExperiment(client, unbroken)];
  expect(ended).toMatchObject({ status: 'SUCCEEDED', attempts: [{ outcome: 'SUCCEEDED' }] });
  expect(ended.model!.digest).toBe(whole.model!.digest);
}, 120_000);

test('a database whose disk is full refuses by code, changes nothing, and goes on when there is space', async (context) => {
  using disk = mountSmallDisk(200);
  if (disk === null) return context.skip(cannotMount);
  await using platform = await startTestPlatform({ home: join(disk.folder, 'home'), env: { ATTUNE_WORKERS: '0' } });
  const { home, url } = platform;
  const update = (name: string) =>
    fetch(new URL('/graphql', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ... on Upload { id } } }`,
        variables: { input: { fileName: `${name}.jsonl`, format: 'JSONL' } },
      }),
    }).then(async (response) => (await response.json()) as { errors?: { message: string; extensions: object }[] });

  await disk.fill();
  let made = 0;
  let refused: Awaited<ReturnType<typeof update>> = {};
  // Pages that exist take some more rows.
  while (refused.errors === undefined && made < 3000) {
    refused = await update(`while full ${made}`);
    if (refused.errors === undefined) made += 1;
  }
  expect(refused.errors).toMatchObject([
    { message: expect.stringContaining('nothing was changed'), extensions: { code: 'DISK_FULL' } },
  ]);

  await disk.empty();
  expect(await update('there is space')).not.toHaveProperty('errors');
  const settings = (await readServerSettings(home))!;
  const { port } = (await findPostmaster(settings.dataFolder ?? join(home, 'postgres')))!;
  const connection = new pg.Client(`postgres://attune:${settings.password}@127.0.0.1:${port}/attune`);
  await connection.connect();
  const { rows } = await connection.query('SELECT count(*)::int AS uploads FROM uploads');
  await connection.end();
  expect(rows).toEqual([{ uploads: made + 1 }]);
}, 120_000);
