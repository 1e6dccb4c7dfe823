import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import express from 'express';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { uploadsRouter } from '../../../src/datasets/upload.router.js';
import { createUploadService, type UploadService } from '../../../src/datasets/upload.service.js';
import type { UploadTimes } from '../../../src/datasets/upload-times.js';
import { ensureDefaultProject } from '../../../src/projects/default-project.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let dataSource: DataSource;
let projectId: string;
let root: string;
let uploads: UploadService;
const servers: Server[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
  projectId = await ensureDefaultProject(dataSource);
  root = await mkdtemp(join(tmpdir(), 'attune-uploads-'));
  const store = await openFileSystemStore({ root });
  uploads = createUploadService({ dataSource, store, maxBytes: 10_000_000, now: () => new Date() });
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await dataSource.destroy();
  await database.drop();
  await rm(root, { recursive: true, force: true });
});

async function serve(times?: UploadTimes): Promise<number> {
  const server = createServer(express().use(uploadsRouter(uploads, times))).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A request whose body is begun and not ended; its answer. */
async function begin(
  port: number,
  format: FileFormat,
  beginning: Uint8Array,
  headers: Record<string, string> = {},
): Promise<{ id: string; status: number; body: { code: string; message: string; hint: string } }> {
  const { id, url } = await uploads.createUpload({ projectId, fileName: 'file', format, idempotencyKey: null });
  const client = httpRequest({
    port,
    path: url,
    method: 'PUT',
    headers: { 'transfer-encoding': 'chunked', ...headers },
  });
  // The server closes the connection while the client still sends.
  client.on('error', () => undefined);
  const answered = once(client, 'response') as Promise<[IncomingMessage]>;
  client.write(beginning);
  const [response] = await answered;
  const body = JSON.parse(await text(response));
  client.destroy();
  return { id, status: response.statusCode ?? 0, body };
}

async function nothingIsKept(id: string): Promise<void> {
  const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(files).toEqual([]);
  expect(await dataSource.query('SELECT status FROM uploads WHERE id = $1', [id])).toEqual([{ status: 'WAITING' }]);
}

describe('a body that goes on for ever is refused', () => {
  test.each<[string, FileFormat, Uint8Array, number, string]>([
    ['PDF as CSV', 'CSV', Buffer.concat([Buffer.from('%PDF'), Buffer.alloc(4092, 7)]), 415, 'WRONG_FORMAT'],
    ['text as Parquet', 'PARQUET', Buffer.from('a,b\n'.repeat(1024)), 415, 'WRONG_FORMAT'],
    [
      'text that turns binary',
      'JSONL',
      Buffer.concat([Buffer.from('{}\n'.repeat(2000)), Buffer.alloc(5000)]),
      415,
      'WRONG_FORMAT',
    ],
    ['more than may be sent', 'CSV', Buffer.from('a,b\n'.repeat(2_500_001)), 413, 'TOO_LARGE'],
  ])('%s', async (_, format, beginning, status, code) => {
    const answer = await begin(await serve(), format, beginning);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.hint).not.toBe('');
    await nothingIsKept(answer.id);
  });

  test('when nothing more arrives', async () => {
    const port = await serve({ maxIdleMs: 50, maxDurationMs: 60_000 });
    const answer = await begin(port, 'CSV', Buffer.from('a,b\n1,'));
    expect([answer.status, answer.body.code]).toEqual([408, 'TIMEOUT']);
    await nothingIsKept(answer.id);
  });

  test('when it takes too long, though something always arrives', async () => {
    const port = await serve({ maxIdleMs: 60_000, maxDurationMs: 50 });
    const answer = await begin(port, 'CSV', Buffer.from('a,b\n1,'));
    expect([answer.status, answer.body.code]).toEqual([408, 'TIMEOUT']);
    await nothingIsKept(answer.id);
  });

  test('with a content encoding', async () => {
    const answer = await begin(await serve(), 'CSV', Buffer.from('a'), { 'content-encoding': 'gzip' });
    expect([answer.status, answer.body.code]).toEqual([415, 'WRONG_FORMAT']);
    await nothingIsKept(answer.id);
  });
});

test.each<[FileFormat, string, number, string]>([
  ['CSV', '', 422, 'EMPTY_FILE'],
  ['PARQUET', `PAR1${'x'.repeat(100)}`, 422, 'INVALID_FILE'],
  ['JSONL', '[{"a":1}]', 415, 'WRONG_FORMAT'],
])(
  'a whole file as %s that is %j is refused, and the upload waits for another',
  async (format, content, status, code) => {
    const port = await serve();
    const { id, url } = await uploads.createUpload({ projectId, fileName: 'file', format, idempotencyKey: null });
    const answer = await fetch(`http://127.0.0.1:${port}${url}`, { method: 'PUT', body: content });
    expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
    await nothingIsKept(id);
  },
);

test('a name is stored without its folders, and one that deceives is not stored', async () => {
  const { id } = await uploads.createUpload({
    projectId,
    fileName: '..\\..\\rows.csv',
    format: 'CSV',
    idempotencyKey: null,
  });
  expect(await dataSource.query('SELECT file_name FROM uploads WHERE id = $1', [id])).toEqual([
    { file_name: 'rows.csv' },
  ]);
  await expect(
    uploads.createUpload({ projectId, fileName: 'a\0.csv', format: 'CSV', idempotencyKey: null }),
  ).rejects.toMatchObject({
    problems: [{ path: ['fileName'], code: 'INVALID_VALUE' }],
  });
});
