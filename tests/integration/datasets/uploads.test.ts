import { fork } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import request from 'supertest';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { Upload } from '../../../src/datasets/upload.entity.js';
import { uploadsRouter } from '../../../src/datasets/upload.router.js';
import { createUploadService, type UploadService } from '../../../src/datasets/upload.service.js';
import { sweepUploads } from '../../../src/datasets/upload-sweep.js';
import { ensureDefaultProject } from '../../../src/projects/default-project.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { StorageError } from '../../../src/storage/storage-error.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const maxBytes = 1000;

let database: TestDatabase;
let dataSource: DataSource;
let projectId: string;
let root: string;
let store: ArtifactStore;
let uploads: UploadService;
let app: Express;
let now = new Date();

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
  projectId = await ensureDefaultProject(dataSource);
  root = await mkdtemp(join(tmpdir(), 'attune-uploads-'));
  store = await openFileSystemStore({ root });
  uploads = createUploadService({ dataSource, store, maxBytes, now: () => now });
  app = express().use(uploadsRouter(uploads));
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
  await rm(root, { recursive: true, force: true });
});

const createUpload = () =>
  uploads.createUpload({ projectId, fileName: 'rows.csv', format: 'CSV', idempotencyKey: null });
const rowOf = (id: string) => dataSource.getRepository(Upload).findOneByOrFail({ id });

async function storedFiles(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

test('a form, or another method, is told to be a PUT', async () => {
  const { url } = await createUpload();
  const { status, headers, body } = await request(app).post(url).attach('file', Buffer.from('a,b'), 'rows.csv');
  expect([status, headers.allow, body]).toEqual([
    405,
    'PUT, HEAD, PATCH, DELETE',
    {
      code: 'METHOD_NOT_ALLOWED',
      message: 'Files are sent by PUT, or in parts by PATCH.',
      hint: "Send the file's bytes as the body, not as a form: curl -T <file> <url>.",
    },
  ]);
});

describe('PUT', () => {
  test('stores the body, and answers with its digest', async () => {
    const { id, url, maxBytes: limit } = await createUpload();
    expect(url).toMatch(new RegExp(`^/uploads/${id}\\?token=[\\w-]{43}$`));
    expect(limit).toBe(maxBytes);
    const body = Buffer.from('a,b\n1,2\n');
    const digest = createHash('sha256').update(body).digest('hex');
    const answer = await request(app).put(url).set('content-type', 'text/csv').send(body.toString());
    expect([answer.status, answer.body]).toEqual([201, { digest, sizeBytes: 8 }]);
    expect(await rowOf(id)).toMatchObject({
      status: 'RECEIVED',
      artifactDigest: digest,
      sizeBytes: '8',
      format: 'CSV',
    });
    expect((await store.read(digest)).equals(body)).toBe(true);
  });

  test('keeps the secret to itself: the table has its digest only', async () => {
    const { id, url } = await createUpload();
    const token = url.split('token=')[1]!;
    const { tokenDigests } = await rowOf(id);
    expect(tokenDigests).toEqual([createHash('sha256').update(token).digest('hex')]);
  });

  test('answers in the same way to a wrong token, no token and a wrong id', async () => {
    const { id, url } = await createUpload();
    const token = url.split('token=')[1];
    const wrong = [
      `/uploads/${id}?token=${randomBytes(32).toString('base64url')}`,
      `/uploads/${id}`,
      `/uploads/${id}?token=${token}&token=${token}`,
      `/uploads/${randomUUID()}?token=${token}`,
      `/uploads/nonsense?token=${token}`,
    ];
    const answers = await Promise.all(wrong.map((path) => request(app).put(path).send('x')));
    expect(new Set(answers.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
    expect(answers[0]?.body).toMatchObject({ code: 'NOT_FOUND' });
    expect((await rowOf(id)).status).toBe('WAITING');
  });

  test('refuses a second file', async () => {
    const { url } = await createUpload();
    await request(app).put(url).send('first').expect(201);
    const answer = await request(app).put(url).send('second');
    expect([answer.status, answer.body.code]).toEqual([409, 'ALREADY_RECEIVED']);
  });

  test('refuses what is too large, by its length and by what arrives, and stays open for a smaller file', async () => {
    const before = await storedFiles();
    const { id, url } = await createUpload();
    const told = await request(app)
      .put(url)
      .send('x'.repeat(maxBytes + 1));
    expect([told.status, told.body.code]).toEqual([413, 'TOO_LARGE']);

    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const chunked = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${url}`, {
      method: 'PUT',
      body: Readable.toWeb(Readable.from([Buffer.alloc(600, 'x'), Buffer.alloc(600, 'x')])),
      duplex: 'half',
    } as RequestInit);
    expect([chunked.status, await chunked.json()]).toMatchObject([413, { code: 'TOO_LARGE' }]);
    server.close();

    expect(await storedFiles()).toEqual(before);
    expect((await rowOf(id)).status).toBe('WAITING');
    await request(app).put(url).send('x'.repeat(maxBytes)).expect(201);
  });

  test('refuses an upload that has expired', async () => {
    const { url, expiresAt } = await createUpload();
    now = new Date(expiresAt.getTime());
    const answer = await request(app).put(url).send('x');
    now = new Date();
    expect([answer.status, answer.body.code]).toEqual([410, 'UPLOAD_EXPIRED']);
  });

  test('says that the disk is full', async () => {
    const full: ArtifactStore = {
      ...store,
      writeStream: async () => {
        throw new StorageError('DISK_FULL', 'no space');
      },
    };
    const onFullDisk = createUploadService({ dataSource, store: full, maxBytes, now: () => now });
    const { url } = await createUpload();
    const answer = await request(express().use(uploadsRouter(onFullDisk)))
      .put(url)
      .send('x');
    expect([answer.status, answer.body.code]).toEqual([507, 'DISK_FULL']);
    expect(JSON.stringify(answer.body)).not.toContain(root);
  });

  test('leaves nothing of a body that breaks off, and takes it when it comes again', async () => {
    const before = await storedFiles();
    const writing = new EventEmitter();
    const begun = once(writing, 'begun');
    const written: Promise<unknown>[] = [];
    const watched: ArtifactStore = {
      ...store,
      writeStream(source, options) {
        const result = store.writeStream(source, options);
        written.push(result.catch((error: unknown) => error));
        writing.emit('begun');
        return result;
      },
    };
    const service = createUploadService({ dataSource, store: watched, maxBytes, now: () => now });
    const server = createServer(express().use(uploadsRouter(service))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { id, url } = await createUpload();
    const { port } = server.address() as AddressInfo;
    const client = httpRequest({ port, path: url, method: 'PUT', headers: { 'content-length': '900' } });
    client.on('error', () => undefined);
    client.write('x'.repeat(100));
    await begun;
    client.destroy();
    expect(await Promise.all(written)).toMatchObject([{ name: 'StorageError' }]);
    expect(await storedFiles()).toEqual(before);
    expect((await rowOf(id)).status).toBe('WAITING');
    await request(app).put(url).send('x').expect(201);
    server.close();
  });
});

describe('memory', () => {
  const megabyte = 1_000_000;
  const row = Buffer.from(`${'lorem ipsum dolor sit amet, '.repeat(35)},label\n`);
  const part = Buffer.concat(Array.from({ length: Math.ceil(megabyte / row.length) }, () => row)).subarray(0, megabyte);

  async function put(port: number, url: string, megabytes: number): Promise<number> {
    const client = httpRequest({ port, path: url, method: 'PUT' });
    const answered = once(client, 'response');
    await pipeline(
      Readable.from(
        (function* () {
          for (let sent = 0; sent < megabytes; sent++) yield part;
        })(),
      ),
      client,
    );
    const [response] = await answered;
    response.resume();
    return response.statusCode;
  }

  test('stays flat while a CSV file of 300 MB arrives', async () => {
    const script = fileURLToPath(new URL('../../support/upload-server.mjs', import.meta.url));
    const child = fork(script, [database.url, root], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const peak = async (): Promise<number> => {
      const answer = once(child, 'message');
      child.send('peak');
      const [{ peakBytes }] = await answer;
      return peakBytes;
    };
    const [{ port }] = await once(child, 'message');

    // The first file brings code and buffers into memory.
    expect(await put(port, (await createUpload()).url, 20)).toBe(201);
    const before = await peak();
    expect(await put(port, (await createUpload()).url, 300)).toBe(201);
    const after = await peak();
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;

    // Held whole it would be 300 MB more.
    expect((after - before) / megabyte).toBeLessThan(60);
    const [{ size }] = await dataSource.query<[{ size: string }]>('SELECT max(size_bytes) AS size FROM uploads');
    expect(size).toBe(String(300 * megabyte));
  });
});

test('what the URL opens is what was sent', async () => {
  const { url } = await createUpload();
  const answer = await request(app).put(url).send('exactly this');
  const path = await store.localPath(answer.body.digest);
  expect(await readFile(path, 'utf8')).toBe('exactly this');
});

describe('uploads that were never used', () => {
  async function received(text: string): Promise<{ id: string; digest: string }> {
    const { id, url } = await uploads.createUpload({
      projectId,
      fileName: 'a.csv',
      format: 'CSV',
      idempotencyKey: null,
    });
    const { body } = await request(app).put(url).send(text).expect(201);
    return { id, digest: body.digest };
  }
  const expire = (id: string, ago: string) =>
    dataSource.query(`UPDATE uploads SET expires_at = now() - $2::interval WHERE id = $1`, [id, ago]);
  const exists = async (id: string) => (await dataSource.query('SELECT 1 FROM uploads WHERE id = $1', [id])).length > 0;

  test('go a day after they expired, with their files; those in use and those that became a dataset stay', async () => {
    const [old, recent, consumed] = [await received('old'), await received('recent'), await received('consumed')];
    const { id: waiting } = await uploads.createUpload({
      projectId,
      fileName: 'b.csv',
      format: 'CSV',
      idempotencyKey: null,
    });
    await expire(old.id, '25 hours');
    await expire(waiting, '25 hours');
    await expire(recent.id, '23 hours');
    await expire(consumed.id, '25 hours');
    await dataSource.query(`UPDATE uploads SET status = 'CONSUMED' WHERE id = $1`, [consumed.id]);

    expect(await sweepUploads(dataSource, store)).toBe(2);

    expect(await Promise.all([old.id, waiting, recent.id, consumed.id].map(exists))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(await Promise.all([old, recent, consumed].map(({ digest }) => store.has(digest)))).toEqual([
      false,
      true,
      true,
    ]);
    expect(await sweepUploads(dataSource, store)).toBe(0);
  });

  test('a file that another upload has too stays until that one goes', async () => {
    const [old, twin] = [await received('twins'), await received('twins')];
    expect(twin.digest).toBe(old.digest);
    await expire(old.id, '25 hours');
    expect(await sweepUploads(dataSource, store)).toBe(1);
    expect(await store.has(twin.digest)).toBe(true);
    await expire(twin.id, '25 hours');
    expect(await sweepUploads(dataSource, store)).toBe(1);
    expect(await store.has(twin.digest)).toBe(false);
  });
});
