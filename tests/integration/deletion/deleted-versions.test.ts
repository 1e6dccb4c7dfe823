import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { createDatasetService } from '../../../src/datasets/dataset.service.js';
import type { DatasetCommands } from '../../../src/datasets/dataset-commands.js';
import type { SplitRequest } from '../../../src/datasets/split-request.js';
import { createUploadService, type UploadService } from '../../../src/datasets/upload.service.js';
import { createDeletionService, type DeletionService } from '../../../src/deletion/deletion.service.js';
import { ensureDefaultProject } from '../../../src/projects/default-project.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { StorageError } from '../../../src/storage/storage-error.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

/** Versions that are made from real files, deleted, and made again. */

let database: TestDatabase;
let dataSource: DataSource;
let projectId: string;
let root: string;
let store: ArtifactStore;
let uploads: UploadService;
let datasets: DatasetCommands;
let deletions: DeletionService;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
  projectId = await ensureDefaultProject(dataSource);
  root = await mkdtemp(join(tmpdir(), 'attune-deletions-'));
  store = await openFileSystemStore({ root: join(root, 'artifacts') });
  uploads = createUploadService({ dataSource, store, maxBytes: 1e6, now: () => new Date() });
  const ingestion = { threads: 2, memoryLimitMb: 256 };
  datasets = await createDatasetService({ dataSource, store, uploads, folder: join(root, 'ingestion'), ingestion });
  deletions = createDeletionService({
    dataSource,
    store,
    onSweepFailed: (error) => {
      throw error;
    },
  });
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
  await rm(root, { recursive: true, force: true });
});

const split: SplitRequest = {
  kind: 'drawn',
  fractions: [{ name: 'train', fraction: 1 }],
  seed: 0,
  stratifyBy: null,
  keepTogether: [],
};

async function send(content: string): Promise<string> {
  const { id } = await uploads.createUpload({ projectId, fileName: 'rows.csv', format: 'CSV', idempotencyKey: null });
  for (;;) {
    try {
      await uploads.receive(id, 'CSV', Readable.from([Buffer.from(content)]));
      return id;
    } catch (error) {
      // Equal bytes were removed at that moment: a client is told to send the file again.
      if (!(error instanceof StorageError && error.code === 'NOT_FOUND')) throw error;
    }
  }
}

const add = async (datasetId: string, content: string): Promise<string> =>
  datasets.addDatasetVersion({
    datasetId,
    uploadId: await send(content),
    fileOptions: null,
    split,
    idempotencyKey: null,
  });

const remove = (id: string) => deletions.delete('DatasetVersion', id, { cascade: false, dryRun: false }, []);

const numbersOf = async (datasetId: string): Promise<readonly number[]> => {
  const rows: { number: number }[] = await dataSource.query(
    'SELECT number FROM dataset_versions WHERE dataset_id = $1 ORDER BY number',
    [datasetId],
  );
  return rows.map(({ number }) => number);
};

test('the number of a deleted version is not given again, even when no version is left', async () => {
  const datasetId = await datasets.createDataset({
    projectId,
    name: 'numbers',
    description: null,
    uploadId: await send('text,label\na,x\n'),
    fileOptions: null,
    split,
    idempotencyKey: null,
  });
  const second = await add(datasetId, 'text,label\nb,y\n');
  await remove(second);
  const third = await add(datasetId, 'text,label\nc,y\n');
  expect(await numbersOf(datasetId)).toEqual([1, 3]);
  const [first] = await dataSource.query('SELECT id FROM dataset_versions WHERE dataset_id = $1 AND number = 1', [
    datasetId,
  ]);
  await remove(first.id);
  await remove(third);
  await add(datasetId, 'text,label\nd,y\n');
  expect(await numbersOf(datasetId)).toEqual([4]);
});

test('equal rows that are sent while their version is deleted have their files', async () => {
  const content = 'text,label\nthe same,x\n';
  const datasetId = await datasets.createDataset({
    projectId,
    name: 'again and again',
    description: null,
    uploadId: await send(content),
    fileOptions: null,
    split,
    idempotencyKey: null,
  });
  let [{ id: last }] = await dataSource.query('SELECT id FROM dataset_versions WHERE dataset_id = $1', [datasetId]);
  for (let i = 0; i < 5; i += 1) {
    const [added] = await Promise.all([add(datasetId, content), remove(last)]);
    const [row] = await dataSource.query('SELECT digest, source_digest AS source FROM dataset_versions WHERE id = $1', [
      added,
    ]);
    expect(await store.has(row.digest)).toBe(true);
    expect(await store.has(row.source)).toBe(true);
    last = added;
  }
  await remove(last);
  const left = await dataSource.query(
    'SELECT digest FROM artifacts WHERE digest IN (SELECT digest FROM artifact_removals)',
  );
  expect(left).toEqual([]);
});
