import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CreateDataset } from '../../clients/command-line/generated/operations.js';
import { PendingUploads } from '../../clients/typescript/generated/operations.js';
import {
  type AttuneClient,
  bytesSource,
  createClient,
  openFile,
  orThrow,
  RefusedError,
  saveTo,
} from '../../clients/typescript/node.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startTestPlatform, startTestWorker, type TestPlatform } from '../support/platform.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

// Files over a line that breaks, to a server and a worker of their own.

const quick = { maxRetries: 20, shortestMs: 10, longestMs: 100 };

let database: TestDatabase;
let home: string;
let platform: TestPlatform;
let worker: ReturnType<typeof startTestWorker>;
let proxy: TcpProxy;
let client: AttuneClient;
beforeAll(async () => {
  database = await createTestDatabase();
  home = await mkdtemp(join(tmpdir(), 'attune-client-'));
  platform = await startTestPlatform({ home, databaseUrl: database.url });
  worker = startTestWorker({ databaseUrl: database.url, home });
  proxy = await startTcpProxy(platform.url);
  client = createClient({ url: proxy.url, retry: quick });
});
afterAll(async () => {
  await client?.close();
  await proxy?.[Symbol.asyncDispose]();
  await worker?.end();
  await platform?.[Symbol.asyncDispose]();
  await database?.drop();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

/** About 7 MB of rows that no two are alike. */
function rows(seed: number): string {
  const lines = Array.from({ length: 150_000 }, (_, row) => `the text of row ${seed * row} in file ${seed},${row % 2}`);
  return `text,label\n${lines.join('\n')}\n`;
}

async function pending() {
  const { project } = await client.query(PendingUploads, { projectSlug: null, after: null });
  return project?.pendingUploads?.nodes ?? [];
}

test('a file whose line is cut twice arrives as it is, and is sent but once', async () => {
  const path = join(home, 'mails.csv');
  await writeFile(path, rows(1));
  const { size } = await stat(path);
  await using source = await openFile(path);
  expect(source.sha256).toBe(createHash('sha256').update(rows(1)).digest('hex'));

  const told: number[] = [];
  const cuts = [proxy.cutAfterSent(1_500_000).then(() => proxy.cutAfterSent(2_000_000))];
  const uploadId = await client.upload(source, {
    onProgress: (arrived, total) => told.push(total === size ? arrived : -1),
  });
  await Promise.all(cuts);
  expect(told[0]).toBe(0);
  expect(told.at(-1)).toBe(size);
  expect(told.toSorted((a, b) => a - b)).toEqual(told);

  const { latest } = orThrow(await client.mutate(CreateDataset, { name: 'mails', uploadId }));
  expect(latest).toMatchObject({ exampleCount: 150_000, rejectedCount: 0 });
});

test('an upload that was given up goes on in another client, behind what has arrived', async () => {
  const path = join(home, 'more.csv');
  await writeFile(path, rows(2));
  await using source = await openFile(path);
  const stopped = new AbortController();
  const reason = new Error('closed the page');
  const first = client.upload(source, {
    signal: stopped.signal,
    onProgress: (arrived) => {
      if (arrived > 0) stopped.abort(reason);
    },
  });
  await expect(first).rejects.toBe(reason);
  const [left] = await pending();
  expect(left).toMatchObject({ fileName: 'more.csv', sha256: source.sha256, status: 'WAITING' });
  expect(Number(left!.receivedBytes)).toBeGreaterThan(0);

  await using other = createClient({ url: platform.url });
  let from: number | null = null;
  const uploadId = await other.upload(source, {
    continuesPending: true,
    onProgress: (arrived) => {
      from ??= arrived;
    },
  });
  expect(uploadId).toBe(left!.id);
  expect(from).toBe(Number(left!.receivedBytes));
  // Whole, and nobody made a dataset of it: the third time nothing is sent.
  const again = await other.upload(source, { continuesPending: true, onProgress: () => expect.unreachable() });
  expect(again).toBe(uploadId);
});

test('what a file may not be is refused with its reason, and not sent again', async () => {
  const source = bytesSource('text,label\nso far,so good\n', 'small.csv');
  const wrong = { ...source, sha256: createHash('sha256').update('another file').digest('hex') };
  const refusal = await client.upload(wrong, { format: 'CSV' }).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(RefusedError);
  expect(refusal).toMatchObject({ code: 'CHECKSUM_MISMATCH', status: 422 });
  expect(await client.upload(source, { format: 'CSV' })).toMatch(/./);
});

test('a download that breaks off goes on where it ended', async () => {
  const uploadId = await client.upload(bytesSource(rows(3), 'written.csv'));
  const { latest } = orThrow(await client.mutate(CreateDataset, { name: 'written', uploadId }));
  const { exportDatasetVersion } = await platform.client.request<{ exportDatasetVersion: { id: string } }>(
    `mutation ($input: ExportDatasetVersionInput!) {
       exportDatasetVersion(input: $input) { ... on DatasetExport { id } ... on Problems { problems { message } } } }`,
    { input: { datasetVersionId: latest!.id, format: 'CSV', splitColumn: 'split' } },
  );
  let file: { url: string; sizeBytes: number; sha256: string } | undefined;
  for await (const { datasetExportChanged: state } of platform.client.subscribe<{
    datasetExportChanged: { status: string; files: { url: string; sizeBytes: number; sha256: string }[] };
  }>(
    `subscription ($id: ID!) { datasetExportChanged(datasetExportId: $id) { status files { url sizeBytes sha256 } } }`,
    { id: exportDatasetVersion.id },
  )) {
    file = state.files[0];
  }
  const path = join(home, 'written.csv');
  const told: number[] = [];
  const opened = proxy.opened;
  const cut = proxy.cutAfterReceived(1_000_000);
  await saveTo(client, file!.url, path, {
    onProgress: (arrived, total) => {
      expect(total).toBe(file!.sizeBytes);
      told.push(arrived);
    },
  });
  await cut;
  expect(proxy.opened).toBeGreaterThan(opened);
  // No byte came twice: it went on behind the last one.
  expect(told.toSorted((a, b) => a - b)).toEqual(told);
  expect(
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  ).toBe(file!.sha256);
});
