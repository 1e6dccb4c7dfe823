import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { uploadsRouter } from '../../../src/datasets/upload.router.js';
import { createUploadService, type UploadService } from '../../../src/datasets/upload.service.js';
import { sweepUploads } from '../../../src/datasets/upload-sweep.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import { storageOfProjects } from '../../../src/protocol/sql/project-quota.js';
import { type DatasetRoom, openDatasetRoom } from '../../support/dataset-room.js';
import { withOtherSecret } from '../../support/other-secret.js';

// Files in parts, by the core of tus 1.0, over connections that break.

const partType = 'application/offset+octet-stream';
const day = 24 * 3_600_000;

let room: DatasetRoom;
let uploads: UploadService;
let server: Server;
let origin: string;
let now = new Date();
beforeAll(async () => {
  room = await openDatasetRoom();
  const { dataSource, store } = room;
  uploads = createUploadService({ dataSource, store, maxBytes: 64e6, now: () => now });
  server = createServer(express().use(uploadsRouter(uploads))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.close();
  await room?.close();
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function create(more: { sizeBytes?: number; sha256?: string; format?: FileFormat } = {}) {
  const { id, url } = await uploads.createUpload({
    projectId: room.projectId,
    fileName: 'rows.csv',
    format: 'CSV',
    idempotencyKey: null,
    ...more,
  });
  return { id, url: origin + url };
}

async function head(url: string) {
  const { status, headers } = await fetch(url, { method: 'HEAD' });
  return [status, headers.get('upload-offset'), headers.get('upload-length') ?? headers.get('upload-defer-length')];
}

/** Sends a part. Returns the status, where the next part begins, and the code of a refusal. */
async function patch(url: string, start: number, bytes: Uint8Array, more: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'PATCH',
    headers: { 'content-type': partType, 'upload-offset': String(start), ...more },
    body: Buffer.from(bytes),
  });
  const text = await response.text();
  return [response.status, response.headers.get('upload-offset'), text === '' ? null : JSON.parse(text).code];
}

const rowOf = async (id: string) => {
  const [row] = await room.dataSource.query(
    `SELECT status, artifact_digest AS digest, received_bytes::int AS received,
            (SELECT count(*)::int FROM upload_parts WHERE upload_id = id) AS parts FROM uploads WHERE id = $1`,
    [id],
  );
  return row;
};
const storedFiles = async () =>
  (await readdir(join(room.root, 'artifacts'), { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  ).length;
const storageBytes = async () => (await storageOfProjects(poolQuery(room.dataSource), [room.projectId]))[0]?.bytes ?? 0;

test('a connection that breaks in the middle costs nothing: the file goes on, and makes an equal dataset', async () => {
  const file = Buffer.from(
    `text,label\n${Array.from({ length: 60_000 }, (_, row) => `${'word '.repeat(60)}${row},${row % 2}\n`).join('')}`,
  );
  const { id, url } = await create({ sizeBytes: file.length });
  expect(file.length).toBeGreaterThan(17e6);

  const cut = httpRequest(url, {
    method: 'PATCH',
    headers: { 'content-type': partType, 'upload-offset': '0', 'content-length': String(file.length) },
  });
  cut.on('error', () => undefined);
  cut.write(file.subarray(0, 17_500_000));
  // More than one part has arrived when the first one is kept; then the line goes dead.
  await expect.poll(async () => (await rowOf(id)).received, { timeout: 60_000, interval: 1 }).toBeGreaterThan(0);
  cut.destroy();

  let [, offset] = await head(url);
  const steps: unknown[] = [];
  for (;;) {
    const [status, next] = await patch(url, Number(offset), file.subarray(Number(offset)));
    steps.push(status);
    if (status === 204) break;
    // What came of the cut part was kept meanwhile.
    expect([status, Number(next) > Number(offset)]).toEqual([409, true]);
    offset = next!;
  }
  expect(Number(offset)).toBeGreaterThanOrEqual(16 * 2 ** 20);
  expect(await rowOf(id)).toEqual({ status: 'RECEIVED', digest: sha256(file), received: file.length, parts: 0 });
  expect(await head(url)).toEqual([200, String(file.length), String(file.length)]);
  expect(await patch(url, file.length, Buffer.from('more'))).toEqual([409, null, 'ALREADY_RECEIVED']);

  const [inParts] = await room.versionsOf(await room.create({ uploadId: id }));
  const atOnce = await create();
  expect((await fetch(atOnce.url, { method: 'PUT', body: file })).status).toBe(201);
  const [whole] = await room.versionsOf(await room.create({ uploadId: atOnce.id }));
  expect([inParts!.digest, inParts!.sourceDigest]).toEqual([whole!.digest, whole!.sourceDigest]);
}, 120_000);

describe('parts', () => {
  test('say where they begin and how long the file is, and are counted until it is whole', async () => {
    const [filesBefore, bytesBefore] = [await storedFiles(), await storageBytes()];
    const { id, url } = await create();
    expect(await head(url)).toEqual([200, '0', '1']);
    expect(await patch(url, 0, Buffer.from('a,b\n'))).toEqual([400, null, 'REQUIRED']);
    expect(await patch(url, 0, Buffer.from('a,b\n'), { 'upload-length': '8' })).toEqual([204, '4', null]);
    expect(await head(url)).toEqual([200, '4', '8']);
    expect(await storageBytes()).toBe(bytesBefore + 4);
    expect(await patch(url, 0, Buffer.from('a,b\n'))).toEqual([409, '4', 'CONFLICT']);
    expect(await patch(url, 4, Buffer.from('1'), { 'upload-length': '9' })).toEqual([409, null, 'CONFLICT']);
    expect(await patch(url, 4, Buffer.from('1'), { 'content-type': 'text/csv' })).toEqual([415, null, 'WRONG_FORMAT']);
    expect(await patch(url, 4, Buffer.from('1'), { 'upload-offset': 'four' })).toEqual([400, null, 'REQUIRED']);
    expect(await patch(url, 4, Buffer.from('1,'))).toEqual([204, '6', null]);
    expect(await rowOf(id)).toMatchObject({ status: 'WAITING', received: 6, parts: 2 });
    expect(await patch(url, 6, Buffer.from('2\n'))).toEqual([204, '8', null]);
    expect(await rowOf(id)).toEqual({
      status: 'RECEIVED',
      digest: sha256(Buffer.from('a,b\n1,2\n')),
      received: 8,
      parts: 0,
    });
    expect([await storedFiles(), await storageBytes()]).toEqual([filesBefore + 1, bytesBefore + 8]);
  });

  test('of several requests at once, one goes on', async () => {
    const { id, url } = await create({ sizeBytes: 8 });
    const both = await Promise.all([1, 2].map(() => patch(url, 0, Buffer.from('c,d\n'))));
    expect(both.map(([status]) => status).sort()).toEqual([204, 409]);
    expect(await rowOf(id)).toMatchObject({ received: 4, parts: 1 });
  });

  test('a file that is none of the format, or another one, begins again', async () => {
    const filesBefore = await storedFiles();
    const parquet = await create({ sizeBytes: 12, format: 'PARQUET' });
    expect(await patch(parquet.url, 0, Buffer.from('PAR1'))).toEqual([204, '4', null]);
    expect(await patch(parquet.url, 4, Buffer.from('not that'))).toEqual([422, null, 'INVALID_FILE']);
    expect(await rowOf(parquet.id)).toEqual({ status: 'WAITING', digest: null, received: 0, parts: 0 });

    const right = Buffer.from('a,b\n3,4\n');
    const known = await create({ sizeBytes: 8, sha256: sha256(right) });
    expect(await patch(known.url, 0, Buffer.from('a,b\n3,5\n'))).toEqual([422, null, 'CHECKSUM_MISMATCH']);
    expect(await head(known.url)).toEqual([200, '0', '8']);
    expect(await storedFiles()).toBe(filesBefore);
    expect(await patch(known.url, 0, right)).toEqual([204, '8', null]);
  });

  test('a length that a part of another file said is forgotten with it, for parts and for a file at once', async () => {
    const right = Buffer.from('a,b\n3,4\n5,6\n');
    for (const again of ['PATCH', 'PUT']) {
      const { id, url } = await create({ format: 'JSONL' });
      const wrong = Buffer.from('[1,2]');
      const said = { 'content-type': partType, 'upload-offset': '0', 'upload-length': String(wrong.length) };
      const answer = await fetch(url, { method: 'PATCH', headers: said, body: wrong });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([415, 'WRONG_FORMAT']);
      expect(await rowOf(id)).toMatchObject({ status: 'WAITING', received: 0, parts: 0 });
      const lines = Buffer.from('{"text":"a longer file"}\n');
      const headers = { ...said, 'upload-length': String(lines.length) };
      const sent = await fetch(
        url,
        again === 'PUT' ? { method: 'PUT', body: lines } : { method: 'PATCH', headers, body: lines },
      );
      expect(sent.status, again).toBe(again === 'PUT' ? 201 : 204);
    }
    const { url } = await create({});
    const first = { 'content-type': partType, 'upload-offset': '0', 'upload-length': '8' };
    expect((await fetch(url, { method: 'PATCH', headers: first, body: 'a,b\n' })).status).toBe(204);
    // At once, a file of any length takes the place of the parts.
    expect((await fetch(url, { method: 'PUT', body: right })).status).toBe(201);
  });

  test('longer than the file are refused: nothing is cut off, whether the part says its length or not', async () => {
    const filesBefore = await storedFiles();
    const { id, url } = await create({ sizeBytes: 8 });
    expect(await patch(url, 0, Buffer.from('a,b\n'))).toEqual([204, '4', null]);
    expect(await patch(url, 4, Buffer.from('1,2\n3,4\n'))).toEqual([409, null, 'CONFLICT']);
    expect(await head(url)).toEqual([200, '4', '8']);
    const chunked = await fetch(url, {
      method: 'PATCH',
      headers: { 'content-type': partType, 'upload-offset': '4' },
      body: new Blob(['1,2\n3,4\n']).stream(),
      duplex: 'half',
    } as RequestInit);
    expect([chunked.status, ((await chunked.json()) as { code: string }).code]).toEqual([409, 'CONFLICT']);
    expect(await rowOf(id)).toEqual({ status: 'WAITING', digest: null, received: 0, parts: 0 });
    expect(await storedFiles()).toBe(filesBefore);
    expect(await patch(url, 0, Buffer.from('a,b\n1,2\n'))).toEqual([204, '8', null]);
  });

  test('a file that is sent at once is checked against what createUpload was told', async () => {
    const filesBefore = await storedFiles();
    const right = Buffer.from('a,b\n5,6\n');
    const put = async (url: string, bytes: Buffer) => {
      const response = await fetch(url, { method: 'PUT', body: bytes });
      const { code = null } = (await response.json()) as { code?: string };
      return [response.status, code];
    };
    const known = await create({ sizeBytes: 8, sha256: sha256(right) });
    expect(await patch(known.url, 0, right.subarray(0, 4))).toEqual([204, '4', null]);
    expect(await put(known.url, Buffer.from('a,b\n5,7\n'))).toEqual([422, 'CHECKSUM_MISMATCH']);
    expect(await put(known.url, right.subarray(0, 6))).toEqual([422, 'CHECKSUM_MISMATCH']);
    expect(await rowOf(known.id)).toEqual({ status: 'WAITING', digest: null, received: 4, parts: 1 });
    expect(await storedFiles()).toBe(filesBefore + 1);
    expect(await put(known.url, right)).toEqual([201, null]);

    const sized = await create({ sizeBytes: 8 });
    expect(await put(sized.url, Buffer.from('a,b\n'))).toEqual([422, 'CHECKSUM_MISMATCH']);
    expect(await put(sized.url, Buffer.from('a,b\n7,8\n'))).toEqual([201, null]);
  });

  test('that are all there are put together after a crash', async () => {
    const { id, url } = await create({ sizeBytes: 9 });
    await patch(url, 0, Buffer.from('a,b\n5,6\n'));
    // As if the server had ended after it had kept the last part.
    await room.dataSource.query('UPDATE uploads SET expected_bytes = 8 WHERE id = $1', [id]);
    expect(await head(url)).toEqual([200, '8', '8']);
    expect(await rowOf(id)).toMatchObject({ status: 'RECEIVED', parts: 0 });
  });

  test('beyond the quota are refused before they are sent', async () => {
    const { url } = await create({ sizeBytes: 1000 });
    await room.dataSource.query('UPDATE projects SET max_storage_bytes = $1', [(await storageBytes()) + 999]);
    expect(await patch(url, 0, Buffer.from('a,b\n'))).toEqual([413, null, 'QUOTA_EXCEEDED']);
    await room.dataSource.query('UPDATE projects SET max_storage_bytes = NULL');
    const large = await create({ sizeBytes: 64e6 + 1 });
    expect(await patch(large.url, 0, Buffer.from('a,b\n'))).toEqual([413, null, 'TOO_LARGE']);
  });

  test('are removed when the upload is canceled, or when nothing came for a day', async () => {
    const filesBefore = await storedFiles();
    const canceled = await create({ sizeBytes: 100 });
    await patch(canceled.url, 0, Buffer.from('of a canceled one'));
    expect(await storedFiles()).toBe(filesBefore + 1);
    expect((await fetch(canceled.url, { method: 'DELETE' })).status).toBe(204);
    expect(await storedFiles()).toBe(filesBefore);
    expect((await fetch(canceled.url, { method: 'HEAD' })).status).toBe(404);

    const began = now;
    const late = await create({ sizeBytes: 100 });
    now = new Date(began.getTime() + 0.9 * day);
    expect(await patch(late.url, 0, Buffer.from('late'))).toEqual([204, '4', null]);
    now = new Date(began.getTime() + 1.8 * day);
    expect(await head(late.url)).toEqual([200, '4', '100']);
    now = new Date(began.getTime() + 2 * day);
    expect((await head(late.url))[0]).toBe(410);
    await room.dataSource.query(`UPDATE uploads SET expires_at = now() - interval '2 days' WHERE id = $1`, [late.id]);
    expect(await sweepUploads(room.dataSource, room.store)).toBe(1);
    expect(await storedFiles()).toBe(filesBefore);
    now = began;
  });

  test('need the secret of the upload', async () => {
    const { url } = await create({ sizeBytes: 8 });
    const wrong = withOtherSecret(url, 'token');
    expect((await patch(wrong, 0, Buffer.from('a')))[0]).toBe(404);
    expect((await head(wrong))[0]).toBe(404);
    expect((await fetch(wrong, { method: 'DELETE' })).status).toBe(404);
  });
});
