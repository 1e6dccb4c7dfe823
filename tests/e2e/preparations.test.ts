import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { killTestWorker, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';

/** Preparations of many rows in worker processes that die, or are told to stop. */

const problems = '... on Problems { problems { path code message hint } }';
const rowCount = 300_000;

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
const connection = (): pg.Client => new pg.Client({ connectionString: database.url });

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-preparations-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

// The machine may be so busy that a lease of seconds would be lost; a test that kills a worker ends its lease itself.
// However fast it is, what the first step has made is kept.
const startWorker = () =>
  startTestWorker({
    databaseUrl: database.url,
    home,
    env: { ATTUNE_LEASE_SECONDS: '300', ATTUNE_KEEP_STEPS_SECONDS: '0' },
  });

async function inDatabase(sql: string, parameters: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = connection();
  await client.connect();
  try {
    return (await client.query(sql, [...parameters])).rows;
  } finally {
    await client.end();
  }
}

/** Rows with runs of spaces, whose first one names the file. */
async function uploadMany(name: string, count = rowCount): Promise<string> {
  const { id, url } = await platform.client.mutate<{ id: string; url: string }>(
    `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ... on Upload { id url } ${problems} } }`,
    { fileName: `${name}.csv`, format: 'CSV' },
  );
  const rows = Array.from(
    { length: count },
    (_, row) => `${row === 0 ? name : ''} the  text   of row ${row} is about ${row % 977},${row % 5}\n`,
  );
  await platform.client.upload(url, `text,label\n${rows.join('')}`);
  return id;
}

interface State {
  readonly status: string;
  readonly progress: { readonly stage: string; readonly step: number | null } | null;
  readonly problems: readonly unknown[];
  readonly datasetVersion: { readonly digest: string; readonly exampleCount: number } | null;
}

const prepare = async (name: string, uploadId: string, recipe: object[] = [{ collapseWhiteSpace: {} }]) => {
  const { id } = await platform.client.mutate<{ id: string }>(
    `mutation ($input: PrepareDatasetInput!) { prepareDataset(input: $input) { ... on Preparation { id } ${problems} } }`,
    { name, sources: [{ upload: { uploadId } }], recipe },
  );
  return id;
};

/** Every state until the end. */
async function* watch(id: string): AsyncGenerator<State> {
  for await (const { preparationChanged } of platform.client.subscribe<{ preparationChanged: State }>(
    `subscription ($id: ID!) { preparationChanged(preparationId: $id) {
       status progress { stage step } problems { code } datasetVersion { digest exampleCount } } }`,
    { id },
  )) {
    yield preparationChanged;
  }
}

async function ended(id: string): Promise<State> {
  let last: State | null = null;
  for await (const state of watch(id)) last = state;
  return last!;
}

async function untilAtWork(id: string): Promise<void> {
  for await (const { status, progress } of watch(id)) if (status === 'RUNNING' && progress !== null) return;
  throw new Error('The preparation ended before anybody saw it at work.');
}

/** Steps that take seconds, so that a worker can be killed in the second. */
const longRecipe = [
  { filterLanguage: { column: 'text', action: 'MARK', as: 'language' } },
  { filterLanguage: { column: 'text', action: 'MARK', as: 'again' } },
  { collapseWhiteSpace: {} },
];
const longRows = 40_000;

test('a killed worker is followed by one that goes on after the last finished step, to the bytes of an unbroken one', async () => {
  const broken = await prepare('broken', await uploadMany('rows', longRows), longRecipe);
  const first = startWorker();
  for await (const { progress } of watch(broken)) if (progress?.step === 1) break;
  await killTestWorker(first, database.url);
  expect(await inDatabase('SELECT count(*)::int AS versions FROM dataset_versions')).toEqual([{ versions: 0 }]);
  expect((await readdir(join(home, 'ingestion'))).filter((name) => name.endsWith('.steps'))).toHaveLength(1);
  const second = startWorker();
  const steps: number[] = [];
  let made: State | null = null;
  let attempts = 1;
  for await (const state of watch(broken)) {
    const [job] = await inDatabase('SELECT attempt FROM jobs WHERE preparation_id IS NOT NULL');
    if (job!.attempt === 2 && state.progress?.step != null && state.status === 'RUNNING')
      steps.push(state.progress.step);
    attempts = job!.attempt as number;
    made = state;
  }
  expect(attempts).toBe(2);
  expect(made).toMatchObject({ status: 'SUCCEEDED', problems: [], datasetVersion: { exampleCount: longRows } });
  // What the first attempt told may be read once more before the second tells anything.
  expect(Math.min(...steps)).toBe(1);
  expect(second.output()).toContain('Goes on after 1 steps of an earlier attempt');
  expect(await inDatabase('SELECT count(*)::int AS versions FROM dataset_versions')).toEqual([{ versions: 1 }]);
  // What the dead worker left was removed by the next one.
  expect(await readdir(join(home, 'ingestion'))).toEqual([]);
  const whole = await ended(await prepare('whole', await uploadMany('rows', longRows), longRecipe));
  expect(made!.datasetVersion!.digest).toBe(whole.datasetVersion!.digest);
  await second[Symbol.asyncDispose]();
}, 600_000);

test('one that runs is canceled within moments and leaves nothing behind; its upload can be used again', async () => {
  await using _worker = startWorker();
  const uploadId = await uploadMany('canceled');
  const files = async () => (await readdir(join(home, 'artifacts'), { recursive: true })).sort();
  const before = await files();
  const id = await prepare('canceled', uploadId);
  await untilAtWork(id);
  const canceling = await platform.client.mutate<{ status: string; canceling: boolean }>(
    `mutation ($input: PreparationActionInput!) { cancelPreparation(input: $input) {
       ... on Preparation { status canceling } ${problems} } }`,
    { preparationId: id },
  );
  expect(canceling).toEqual({ status: 'RUNNING', canceling: true });
  expect(await ended(id)).toMatchObject({ status: 'CANCELED', datasetVersion: null });
  expect(await inDatabase(`SELECT FROM datasets WHERE name = 'canceled'`)).toEqual([]);
  expect(await readdir(join(home, 'ingestion'))).toEqual([]);
  expect(await files()).toEqual(before);
  expect(await ended(await prepare('canceled', uploadId))).toMatchObject({ status: 'SUCCEEDED' });
}, 240_000);
