import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Express } from 'express';
import request from 'supertest';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { Upload } from '../../../src/datasets/upload.entity.js';
import { uploadsRouter } from '../../../src/datasets/upload.router.js';
import { createUploadService, type UploadService } from '../../../src/datasets/upload.service.js';
import { ensureDefaultProject } from '../../../src/projects/default-project.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

/**
 * createUpload with an idempotency key: one upload, however often its call is repeated, and every URL that was given
 * out works.
 */

let database: TestDatabase;
let dataSource: DataSource;
let projectId: string;
let root: string;
let uploads: UploadService;
let app: Express;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
  projectId = await ensureDefaultProject(dataSource);
  root = await mkdtemp(join(tmpdir(), 'attune-uploads-'));
  const store = await openFileSystemStore({ root });
  uploads = createUploadService({ dataSource, store, maxBytes: 100, now: () => new Date() });
  app = express().use(uploadsRouter(uploads));
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
  await rm(root, { recursive: true, force: true });
});

const create = (idempotencyKey: string | null, fileName = 'rows.csv') =>
  uploads.createUpload({ projectId, fileName, format: 'CSV', idempotencyKey });

test('a repeated call gets the same upload', async () => {
  const first = await create('repeated');
  const second = await create('repeated');
  expect([second.id, second.expiresAt]).toEqual([first.id, first.expiresAt]);
  expect(second.url).not.toBe(first.url);
  await request(app).put(first.url).send('a\n1\n').expect(201);
  // The file has arrived: the other URL opens the same upload, which takes no second one.
  await request(app).put(second.url).send('a\n2\n').expect(409);
  expect((await create('repeated')).id).toBe(first.id);
});

test('calls at the same time get the same upload, and each URL opens it', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => create('at once')));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
  for (const { id, url } of answers) {
    expect(await uploads.admit(id, { token: new URL(url, 'http://x').searchParams.get('token')! })).toMatchObject({
      kind: 'admitted',
    });
  }
});

test('of many repeated calls the last eight URLs work, and no more digests are kept', async () => {
  const answers = [];
  for (let call = 0; call < 10; call += 1) answers.push(await create('many'));
  const admitted = await Promise.all(
    answers.map(({ id, url }) => uploads.admit(id, { token: new URL(url, 'http://x').searchParams.get('token')! })),
  );
  expect(admitted.map(({ kind }) => kind === 'admitted')).toEqual([false, false, ...Array(8).fill(true)]);
  const { tokenDigests } = await dataSource.getRepository(Upload).findOneByOrFail({ id: answers[0]!.id });
  expect(tokenDigests).toHaveLength(8);
});

test('without a key every call makes an upload', async () => {
  expect((await create(null)).id).not.toBe((await create(null)).id);
});

test('the key with another file is a problem', async () => {
  await create('reused');
  await expect(create('reused', 'other.csv')).rejects.toMatchObject({
    problems: [{ path: ['idempotencyKey'], code: 'IDEMPOTENCY_KEY_REUSED' }],
  });
});

test('the key of an upload that expired and was removed is a problem', async () => {
  const { id } = await create('expired');
  await dataSource.getRepository(Upload).delete({ id });
  await expect(create('expired')).rejects.toMatchObject({
    problems: [{ path: ['idempotencyKey'], code: 'NOT_FOUND', hint: 'Use a new key.' }],
  });
});
