import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { type Express } from 'express';
import request from 'supertest';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { poolQuery } from '../../../src/database/transaction.js';
import { createDatasetService } from '../../../src/datasets/dataset.service.js';
import type { DatasetCommands } from '../../../src/datasets/dataset-commands.js';
import { uploadsRouter } from '../../../src/datasets/upload.router.js';
import { createUploadService, type UploadService } from '../../../src/datasets/upload.service.js';
import { createJobResults } from '../../../src/events/job-results.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import { ensureDefaultProject } from '../../../src/projects/default-project.js';
import { storageOfProjects } from '../../../src/protocol/sql/project-quota.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { startDataWorker } from '../../support/data-worker.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const serverMaxBytes = 10_000;
const raise = 'An administrator of the server can raise the quota with setProjectQuota.';

let database: TestDatabase;
let dataSource: DataSource;
let projectId: string;
let root: string;
let store: ArtifactStore;
let uploads: UploadService;
let datasets: DatasetCommands;
let app: Express;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
  projectId = await ensureDefaultProject(dataSource);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});
beforeEach(async () => {
  await dataSource.query('TRUNCATE uploads, dataset_versions, datasets, artifacts, idempotency_keys CASCADE');
  root = await mkdtemp(join(tmpdir(), 'attune-quota-'));
  store = await openFileSystemStore({ root: join(root, 'artifacts') });
  uploads = createUploadService({ dataSource, store, maxBytes: serverMaxBytes, now: () => new Date() });
  const jobResults = createJobResults({ query: poolQuery(dataSource), pollIntervalMs: 15 });
  const worker = await startDataWorker({
    databaseUrl: database.url,
    storeOf: () => store,
    folder: join(root, 'ingestion'),
  });
  datasets = createDatasetService({ dataSource, store, uploads, jobResults, workers: { anyOnline: async () => true } });
  app = express().use(uploadsRouter(uploads));
  return async () => {
    await worker[Symbol.asyncDispose]();
    jobResults.close();
    await rm(root, { recursive: true, force: true });
  };
});

const quota = (maxBytes: number | null) =>
  dataSource.query('UPDATE projects SET max_storage_bytes = $2 WHERE id = $1', [projectId, maxBytes]);
const createUpload = (idempotencyKey: string | null = null) =>
  uploads.createUpload({ projectId, fileName: 'rows.csv', format: 'CSV', idempotencyKey });
const usedBytes = async () => (await storageOfProjects(poolQuery(dataSource), [projectId]))[0]?.bytes ?? 0;
const rows = (bytes: number, letter = 'a') => `text,label\n${letter.repeat(bytes - 14)},x\n`;

async function storedFiles(): Promise<string[]> {
  const entries = await readdir(join(root, 'artifacts'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

async function problemsOf(action: Promise<unknown>): Promise<unknown> {
  const error = await action.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ProblemsError) return error.problems;
  throw new Error('no problems', { cause: error });
}

describe('an upload', () => {
  test('is bounded by what is left, which its creation says', async () => {
    expect((await createUpload()).maxBytes).toBe(serverMaxBytes);
    await quota(1000);
    const first = await createUpload();
    expect(first.maxBytes).toBe(1000);
    expect((await request(app).put(first.url).send(rows(600))).status).toBe(201);
    expect((await createUpload()).maxBytes).toBe(400);

    const second = await createUpload('second');
    expect(
      (
        await request(app)
          .put((await createUpload()).url)
          .send(rows(400, 'b'))
      ).status,
    ).toBe(201);
    expect(await usedBytes()).toBe(1000);
    const message = "The project's storage is used up: it holds 1000 bytes, and may hold 1000.";
    expect(await problemsOf(createUpload())).toEqual([{ path: [], code: 'QUOTA_EXCEEDED', message, hint: raise }]);
    // A repeated call gets what it was given before; there is no room for its file any more.
    expect(await createUpload('second')).toMatchObject({ id: second.id, maxBytes: 0 });
  });

  test('that says it is larger is refused before it is read', async () => {
    await quota(1000);
    const { url } = await createUpload();
    const answer = await request(app).put(url).send(rows(1001));
    const message = 'The file is larger than the storage that the project has left: 1000 of 1000 bytes.';
    expect([answer.status, answer.body]).toEqual([413, { code: 'QUOTA_EXCEEDED', message, hint: raise }]);
    // The limit of the server, where that is less.
    await quota(50_000);
    expect((await request(app).put(url).send(rows(10_001))).body).toMatchObject({ code: 'TOO_LARGE' });
    expect((await request(app).put(url).send(rows(1001))).status).toBe(201);
  });

  test('that does not say is broken off when it passes, and nothing of it stays', async () => {
    await quota(1000);
    const { url } = await createUpload();
    const server = app.listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const { port } = server.address() as AddressInfo;
    const answer = new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const sent = httpRequest({ port, path: url, method: 'PUT' }, async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode, body });
      });
      sent.on('error', reject);
      // More than is left, in chunks without a length; the server closes before all of it has gone.
      pipeline(
        Readable.from(
          (function* () {
            yield 'text,label\n';
            for (let i = 0; i < 20; i += 1) yield `${'a'.repeat(97)},x\n`;
          })(),
        ),
        sent,
      ).catch(() => undefined);
    });
    expect(await answer).toMatchObject({ status: 413, body: expect.stringContaining('1000 of 1000 bytes') });
    await new Promise((closed) => server.close(closed));
    expect(await storedFiles()).toEqual([]);
    expect(await usedBytes()).toBe(0);
    // It still waits, for a file that fits.
    expect((await request(app).put(url).send(rows(100))).status).toBe(201);
  });

  test('of several at once, each within what is left, only those that fit are kept', async () => {
    await quota(1000);
    const urls = await Promise.all(Array.from({ length: 4 }, async () => (await createUpload()).url));
    const answers = await Promise.all(urls.map((url, i) => request(app).put(url).send(rows(400, 'abcd'[i]))));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 413, 413]);
    expect(answers.filter(({ status }) => status === 413).every(({ body }) => body.code === 'QUOTA_EXCEEDED')).toBe(
      true,
    );
    expect(await usedBytes()).toBe(800);
    expect(await storedFiles()).toHaveLength(2);
  });

  test('with bytes that the project has already takes up nothing', async () => {
    await quota(1000);
    for (let i = 0; i < 2; i += 1) {
      await request(app)
        .put((await createUpload()).url)
        .send(rows(500))
        .expect(201);
    }
    expect(await usedBytes()).toBe(500);
  });

  test('that another request was faster with leaves no file', async () => {
    const { url } = await createUpload();
    const answers = await Promise.all([rows(100, 'a'), rows(100, 'b')].map((body) => request(app).put(url).send(body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const kept = answers.find(({ status }) => status === 201)!.body.digest;
    expect(await storedFiles()).toEqual([kept]);
    expect(await dataSource.query('SELECT digest FROM artifacts')).toEqual([{ digest: kept }]);
  });
});

describe('a dataset', () => {
  const split = {
    kind: 'drawn',
    fractions: [{ name: 'train', fraction: 1 }],
    seed: 1,
    stratifyBy: null,
    keepTogether: [],
  } as const;
  const content = `text,label\n${Array.from({ length: 50 }, (_, i) => `mail ${i},x\n`).join('')}`;

  async function received(): Promise<string> {
    const { id } = await createUpload();
    await uploads.receive(id, 'CSV', Readable.from([Buffer.from(content)]));
    return id;
  }
  const create = (uploadId: string, name = 'mails') =>
    datasets.createDataset({
      projectId,
      name,
      description: null,
      uploadId,
      fileOptions: null,
      split,
      idempotencyKey: null,
    });

  test('whose Parquet file the project may not take up is refused; its upload stays and can be used when there is room', async () => {
    const uploadId = await received();
    await quota(content.length + 1);
    expect(await problemsOf(create(uploadId))).toMatchObject([
      {
        path: ['uploadId'],
        code: 'QUOTA_EXCEEDED',
        message: expect.stringMatching(/^The project would hold \d+ bytes; it may hold \d+\.$/),
      },
    ]);
    const source = createHash('sha256').update(content).digest('hex');
    expect(await storedFiles()).toEqual([source]);
    expect(await usedBytes()).toBe(content.length);
    expect(await dataSource.query('SELECT 1 FROM datasets')).toEqual([]);

    await quota(null);
    const datasetId = await create(uploadId);
    const bytes = await usedBytes();
    await quota(bytes);
    // A version of what is there already: refused, as nothing is left.
    const again = await dataSource.query(`UPDATE uploads SET status = 'RECEIVED' RETURNING id`);
    expect(again).toHaveLength(2);
    expect(
      await problemsOf(
        datasets.addDatasetVersion({ datasetId, uploadId, fileOptions: null, split, idempotencyKey: null }),
      ),
    ).toMatchObject([{ path: ['uploadId'], code: 'QUOTA_EXCEEDED' }]);
  });
});
