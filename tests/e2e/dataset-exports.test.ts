import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { killTestWorker, startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { queryDatabase } from '../support/query-database.js';
import { mountSmallDisk } from '../support/small-disk.js';

/** An application feeds a dataset, a version is made of it and written out: by worker processes that die, or stop. */

const problems = '... on Problems { problems { path code message hint } }';
const rowCount = 400_000;

let database: TestDatabase;
let home: string;
let platform: TestPlatform;

beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-dataset-exports-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

// The machine may be so busy that a lease of seconds would be lost.
const startWorker = () => startTestWorker({ databaseUrl: database.url, home, env: { ATTUNE_LEASE_SECONDS: '10' } });

const inDatabase = (sql: string) => queryDatabase(database.url, sql);

const upload = async ({ client }: TestPlatform, content: string): Promise<string> => {
  const { id, url } = await client.mutate<{ id: string; url: string }>(
    `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ... on Upload { id url } ${problems} } }`,
    { fileName: 'rows.csv', format: 'CSV' },
  );
  await client.upload(url, content);
  return id;
};

interface Version {
  readonly id: string;
  readonly digest: string;
  readonly exampleCount: number;
  readonly dataset: { readonly id: string };
}

/** The version that a preparation makes; or the codes of its problems. */
async function made({ client }: TestPlatform, input: Record<string, unknown>): Promise<Version> {
  const { id } = await client.mutate<{ id: string }>(
    `mutation ($input: PrepareDatasetInput!) { prepareDataset(input: $input) { ... on Preparation { id } ${problems} } }`,
    input,
  );
  let version: Version | null = null;
  for await (const { preparationChanged } of client.subscribe<{ preparationChanged: { datasetVersion: Version } }>(
    `subscription ($id: ID!) { preparationChanged(preparationId: $id) {
       status datasetVersion { id digest exampleCount dataset { id } } } }`,
    { id },
  )) {
    version = preparationChanged.datasetVersion;
  }
  return version!;
}

interface State {
  readonly status: string;
  readonly progress: { readonly rowsDone: number; readonly rowsTotal: number; readonly bytesWritten: number } | null;
  readonly problem: { readonly code: string } | null;
  readonly rowCount: number | null;
  readonly files: readonly { readonly sha256: string; readonly link: { readonly url: string } }[];
}

const written = async ({ client }: TestPlatform, input: Record<string, unknown>): Promise<string> => {
  const { id } = await client.mutate<{ id: string }>(
    `mutation ($input: ExportDatasetVersionInput!) { exportDatasetVersion(input: $input) {
       ... on DatasetExport { id } ${problems} } }`,
    input,
  );
  return id;
};

/** Every state until the end. */
async function* watch({ client }: TestPlatform, id: string): AsyncGenerator<State> {
  for await (const { datasetExportChanged } of client.subscribe<{ datasetExportChanged: State }>(
    `subscription ($id: ID!) { datasetExportChanged(datasetExportId: $id) { status
       progress { rowsDone rowsTotal bytesWritten } problem { code } rowCount files { sha256 link { url } } } }`,
    { id },
  )) {
    yield datasetExportChanged;
  }
}

async function ended(on: TestPlatform, id: string): Promise<State> {
  let last: State | null = null;
  for await (const state of watch(on, id)) last = state;
  return last!;
}

async function untilAtWork(id: string): Promise<void> {
  for await (const { status, progress } of watch(platform, id)) {
    if (status === 'RUNNING' && (progress?.bytesWritten ?? 0) > 0) return;
  }
  throw new Error('The export ended before anybody saw it at work.');
}

async function untilRunning(id: string): Promise<void> {
  for await (const { status } of watch(platform, id)) if (status === 'RUNNING') return;
}

const lines = Array.from({ length: rowCount }, (_, row) => `the text of row ${row} is about ${row % 977},${row % 5}\n`);
let large: Version;

test('examples that an application appends are in the version that a worker makes, once, though the first one is killed', async () => {
  {
    await using _worker = startWorker();
    const uploadId = await upload(platform, `text,label\n${lines.join('')}`);
    large = await made(platform, { name: 'large', sources: [{ upload: { uploadId } }] });
  }
  const datasetId = large.dataset.id;
  for (const part of [0, 1, 2]) {
    const examples = Array.from({ length: 1000 }, (_, i) => ({
      values: { text: `appended ${part * 1000 + i}`, label: i % 5 },
    }));
    await platform.client.mutate(
      `mutation ($input: AppendExamplesInput!) { appendExamples(input: $input) {
         ... on AppendedExamples { count } ${problems} } }`,
      { datasetId, examples, idempotencyKey: `part ${part}` },
    );
  }
  const first = startWorker();
  const making = made(platform, {
    datasetId,
    sources: [{ version: { datasetVersionId: large.id } }, { appended: { datasetId } }],
  });
  await first.printed(/Job claimed/);
  await killTestWorker(first, database.url);
  expect(
    await inDatabase('SELECT count(*)::int AS taken FROM appended_examples WHERE preparation_id IS NOT NULL'),
  ).toEqual([{ taken: 3000 }]);
  await using _second = startWorker();
  expect(await making).toMatchObject({ exampleCount: rowCount + 3000 });
  expect(await inDatabase('SELECT FROM appended_examples')).toEqual([]);
  expect(await readdir(join(home, 'ingestion'))).toEqual([]);
}, 240_000);

test('an export whose worker is killed has the bytes of one that was left alone', async () => {
  const broken = await written(platform, { datasetVersionId: large.id, format: 'CSV' });
  const first = startWorker();
  await untilAtWork(broken);
  await killTestWorker(first, database.url);
  await using _second = startWorker();
  const state = await ended(platform, broken);
  expect(state).toMatchObject({ status: 'SUCCEEDED', problem: null, rowCount });
  const [job] = await inDatabase('SELECT max(attempt)::int AS attempt FROM jobs WHERE dataset_export_id IS NOT NULL');
  expect(job!.attempt).toBeGreaterThan(1);
  // What the dead worker left was removed by the next one.
  expect(await readdir(join(home, 'ingestion'))).toEqual([]);
  const whole = await ended(platform, await written(platform, { datasetVersionId: large.id, format: 'CSV' }));
  expect(whole.files[0]!.sha256).toBe(state.files[0]!.sha256);
  const file = await fetch(new URL(state.files[0]!.link.url, platform.url));
  expect(await file.text()).toBe(`text,label\n${lines.join('')}`);
}, 240_000);

test('one that runs is canceled within moments, and leaves nothing behind', async () => {
  await using _worker = startWorker();
  const files = async () => (await readdir(join(home, 'artifacts'), { recursive: true })).sort();
  // A fast machine may be done before anybody has asked: another one is canceled then.
  const canceled = async (): Promise<boolean> => {
    const before = await files();
    const id = await written(platform, { datasetVersionId: large.id, format: 'JSONL' });
    const canceling = await untilRunning(id)
      .then(() =>
        platform.client.mutate<{ status: string; canceling: boolean }>(
          `mutation ($input: DatasetExportActionInput!) { cancelDatasetExport(input: $input) {
             ... on DatasetExport { status canceling } ${problems} } }`,
          { datasetExportId: id },
        ),
      )
      .catch(() => null);
    const end = await ended(platform, id);
    if (end.status !== 'CANCELED') return false;
    expect(canceling).toEqual({ status: 'RUNNING', canceling: true });
    expect(end).toMatchObject({ files: [] });
    expect(await readdir(join(home, 'ingestion'))).toEqual([]);
    expect(await files()).toEqual(before);
    return true;
  };
  const attempts: boolean[] = [];
  while (attempts.length < 5 && !attempts.includes(true)) attempts.push(await canceled());
  expect(attempts).toContain(true);
}, 240_000);

test('on a disk that is full it fails by a code, and leaves nothing behind', async (context) => {
  using disk = mountSmallDisk(100);
  if (disk === null) return context.skip('this user may not mount a file system');
  await using base = await createTestDatabase();
  const own = join(disk.folder, 'home');
  await using small = await startTestPlatform({ home: own, databaseUrl: base.url });
  await using _worker = startTestWorker({ databaseUrl: base.url, home: own });
  const content = `text,label\n${lines.slice(0, 100_000).join('')}`;
  const version = await made(small, {
    name: 'rows',
    sources: [{ upload: { uploadId: await upload(small, content) } }],
  });
  const files = async () =>
    (
      await Promise.all(['artifacts', 'ingestion'].map((folder) => readdir(join(own, folder), { recursive: true })))
    ).flat();
  const before = (await files()).sort();
  await disk.fill(100_000);
  for (const format of ['CSV', 'PARQUET', 'JSONL']) {
    const state = await ended(small, await written(small, { datasetVersionId: version.id, format }));
    expect([format, state.status, state.problem?.code, state.files]).toEqual([format, 'FAILED', 'DISK_FULL', []]);
    expect((await files()).sort()).toEqual(before);
  }
  await disk.empty();
  expect(await ended(small, await written(small, { datasetVersionId: version.id, format: 'CSV' }))).toMatchObject({
    status: 'SUCCEEDED',
    rowCount: 100_000,
  });
}, 240_000);
