import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Dataset } from '../../../src/datasets/dataset.entity.js';
import type { DatasetCommands } from '../../../src/datasets/dataset-commands.js';
import { DatasetVersion } from '../../../src/datasets/dataset-version.entity.js';
import { RejectedRow } from '../../../src/datasets/rejected-row.entity.js';
import { Upload } from '../../../src/datasets/upload.entity.js';
import type { UploadService } from '../../../src/datasets/upload.service.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { SplitRequest } from '../../../src/protocol/datasets/split-request.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { StorageError } from '../../../src/storage/storage-error.js';
import { type DatasetRoom, openDatasetRoom } from '../../support/dataset-room.js';

let room: DatasetRoom;
let dataSource: DataSource;
let projectId: string;
let root: string;
let store: ArtifactStore;
let uploads: UploadService;
let datasets: DatasetCommands;

beforeAll(async () => {
  room = await openDatasetRoom();
  ({ dataSource, projectId, root, store, uploads, datasets } = room);
});
afterAll(() => room.close());

const split: SplitRequest = {
  kind: 'drawn',
  fractions: [
    { name: 'train', fraction: 0.5 },
    { name: 'test', fraction: 0.5 },
  ],
  seed: 3,
  stratifyBy: 'label',
  keepTogether: ['text'],
};
const file = 'text,label,size\na,x,1\nb,x,2\n,y,3\nd,y\nc,y,4\ne,,5\n';

const send = (content = file) => room.send(content);
const create = async (changes: Partial<Parameters<DatasetCommands['createDataset']>[0]> = {}, commands = datasets) =>
  room.create({ split, ...changes, uploadId: changes.uploadId ?? (await send()) }, commands);
const serviceOn = (artifacts: ArtifactStore) => room.serviceOn(artifacts);
const versionsOf = (datasetId: string) => room.versionsOf(datasetId);

const countOf = async () => ({
  datasets: await dataSource.getRepository(Dataset).count(),
  versions: await dataSource.getRepository(DatasetVersion).count(),
  rejected: await dataSource.getRepository(RejectedRow).count(),
  files: (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length,
});

async function problemsOf(action: Promise<unknown>): Promise<string[]> {
  const error = await action.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ProblemsError) return error.problems.map(({ path, code }) => `${path.join('.')} ${code}`);
  throw new Error('no problems', { cause: error });
}

describe('createDataset', () => {
  test('records dataset, version and rejected rows, and uses up the upload', async () => {
    const uploadId = await send();
    const id = await create({ name: ' spam ', description: 'mails', uploadId });
    const dataset = await dataSource.getRepository(Dataset).findOneByOrFail({ id });
    expect(dataset).toMatchObject({ projectId, name: 'spam', description: 'mails' });
    const [version, ...others] = await versionsOf(id);
    expect(others).toEqual([]);
    expect(version).toMatchObject({
      number: 1,
      format: 'CSV',
      exampleCount: '5',
      rejectedCount: '1',
      splits: [
        { name: 'train', exampleCount: expect.any(Number) },
        { name: 'test', exampleCount: expect.any(Number) },
      ],
      splitPlan: { splitColumn: null, seed: 3, stratifyBy: 'label', keepTogether: ['text'] },
    });
    expect(version?.columns.map(({ name, type, missing }) => [name, type, missing])).toEqual([
      ['text', 'TEXT', 1],
      ['label', 'TEXT', 1],
      ['size', 'INTEGER', 0],
    ]);
    expect(await store.has(version!.digest)).toBe(true);
    const rejected = await dataSource.getRepository(RejectedRow).findBy({ datasetVersionId: version!.id });
    expect(rejected).toMatchObject([{ position: 0, line: '5', code: 'TOO_FEW_COLUMNS', excerpt: 'd,y' }]);
    expect((await dataSource.getRepository(Upload).findOneByOrFail({ id: uploadId })).status).toBe('CONSUMED');
    expect(await problemsOf(create({ uploadId }))).toEqual(['uploadId UPLOAD_NOT_READY']);
  });

  test('refuses texts and keys that are too long, and leaves nothing', async () => {
    const uploadId = await send();
    const before = await countOf();
    const changes = { uploadId, name: 'n'.repeat(101), description: 'd'.repeat(20_001) };
    expect(await problemsOf(create(changes))).toEqual(['name INVALID_VALUE', 'description TOO_LONG']);
    expect(await problemsOf(create({ uploadId, idempotencyKey: 'k'.repeat(256) }))).toEqual([
      'idempotencyKey TOO_LONG',
    ]);
    expect(await countOf()).toEqual(before);
    await create({ uploadId, description: 'd'.repeat(20_000), idempotencyKey: 'k'.repeat(255) });
  });

  test('gives equal digests for equal files and plans', async () => {
    const [a, b, c] = [await create(), await create(), await create({ split: { ...split, seed: 4 } as SplitRequest })];
    const [[first], [second], [third]] = [await versionsOf(a), await versionsOf(b), await versionsOf(c)];
    expect(second!.digest).toBe(first!.digest);
    expect(third!.digest).not.toBe(first!.digest);
  });

  test('gives the first result to a repeated call, also to one at the same time, and refuses the key for another input', async () => {
    const uploadId = await send();
    const input = { name: 'once', uploadId, idempotencyKey: 'k1' };
    const [first, same] = await Promise.all([create(input), create(input)]);
    expect(same).toBe(first);
    expect(await create(input)).toBe(first);
    expect(await problemsOf(create({ ...input, name: 'twice' }))).toEqual(['idempotencyKey IDEMPOTENCY_KEY_REUSED']);
  });

  test('gives the first result also when another process got it after this one looked for it', async () => {
    const uploadId = await send();
    const input = { name: 'raced for', uploadId, idempotencyKey: 'k3' };
    const other = await serviceOn(store);
    let first: string | null = null;
    const spy = vi.spyOn(dataSource, 'query').mockImplementationOnce(async () => {
      first = await create(input, other);
      return [];
    });
    expect(await create(input)).toBe(first);
    spy.mockRestore();
    const made = await dataSource.getRepository(Dataset).find({ where: { name: 'raced for' } });
    expect(made.map(({ id }) => id)).toEqual([first]);
  });

  test('refuses names that are taken or are none', async () => {
    await create({ name: 'taken' });
    const uploadId = await send();
    expect(await problemsOf(create({ name: 'taken', uploadId }))).toEqual(['name ALREADY_EXISTS']);
    expect(await problemsOf(create({ name: '  ', uploadId }))).toEqual(['name INVALID_VALUE']);
    expect(await problemsOf(create({ name: 'x'.repeat(101), uploadId }))).toEqual(['name INVALID_VALUE']);
  });

  test('refuses uploads that are not there, not received, or of another project', async () => {
    const waiting = await uploads.createUpload({ projectId, fileName: 'x', format: 'CSV', idempotencyKey: null });
    expect(await problemsOf(create({ uploadId: waiting.id }))).toEqual(['uploadId UPLOAD_NOT_READY']);
    expect(await problemsOf(create({ uploadId: randomUUID() }))).toEqual(['uploadId NOT_FOUND']);
    expect(await problemsOf(create({ name: ' ', uploadId: randomUUID() }))).toEqual([
      'name INVALID_VALUE',
      'uploadId NOT_FOUND',
    ]);
    const otherProject = randomUUID();
    await dataSource.query(`INSERT INTO projects (id, slug, name) VALUES ($1, 'other', 'Other')`, [otherProject]);
    expect(await problemsOf(create({ uploadId: await send(), projectId: otherProject }))).toEqual([
      'uploadId NOT_FOUND',
    ]);
  });

  test.each<[string, string, Partial<{ split: SplitRequest }>, string]>([
    ['a file without rows', 'text,label\n', {}, 'uploadId EMPTY_FILE'],
    ['a file without a good row', 'a,b\n1\n', {}, 'uploadId NO_VALID_ROWS'],
    ['a label column that does not exist', 'text,topic\na,b\n', {}, 'split.stratifyBy UNKNOWN_COLUMN'],
    [
      'a split column that does not exist',
      file,
      { split: { kind: 'column', column: 'part' } },
      'splitColumn UNKNOWN_COLUMN',
    ],
  ])('leaves neither rows nor files of %s, and the upload as it was', async (_, content, changes, expected) => {
    const uploadId = await send(content);
    const before = await countOf();
    expect(await problemsOf(create({ uploadId, ...changes }))).toEqual([expected]);
    expect(await countOf()).toEqual(before);
    expect((await dataSource.getRepository(Upload).findOneByOrFail({ id: uploadId })).status).toBe('RECEIVED');
  });

  test('leaves no file when the transaction fails after ingestion, and no file that another version has is lost', async () => {
    const uploadId = await send('text,label\nonly here,1\n');
    const before = await countOf();
    // A dataset of that name appears while the file is read.
    const racing: ArtifactStore = {
      ...store,
      async adopt(path) {
        await dataSource.query('INSERT INTO datasets (id, project_id, name) VALUES ($1, $2, $3)', [
          randomUUID(),
          projectId,
          'raced',
        ]);
        return store.adopt(path);
      },
    };
    expect(await problemsOf(create({ name: 'raced', uploadId }, await serviceOn(racing)))).toEqual([
      'name ALREADY_EXISTS',
    ]);
    expect(await countOf()).toEqual({ ...before, datasets: before.datasets + 1 });

    const [kept] = await versionsOf(await create({ uploadId }));
    await dataSource.query(`DELETE FROM datasets WHERE name = 'raced'`);
    const again = await send('text,label\nonly here,1\n');
    expect(await problemsOf(create({ name: 'raced', uploadId: again }, await serviceOn(racing)))).toEqual([
      'name ALREADY_EXISTS',
    ]);
    expect(await store.has(kept!.digest)).toBe(true);
  });

  test('says that the disk is full', async () => {
    const full: ArtifactStore = {
      ...store,
      adopt: async () => {
        throw new StorageError('DISK_FULL', 'no space');
      },
    };
    expect(await problemsOf(create({}, await serviceOn(full)))).toEqual(['uploadId DISK_FULL']);
  });
});

describe('addDatasetVersion', () => {
  test('numbers versions within their dataset, also when they are added at once', async () => {
    const datasetId = await create();
    const add = async (idempotencyKey: string | null) =>
      datasets.addDatasetVersion({ datasetId, uploadId: await send(), fileOptions: null, split, idempotencyKey });
    const ids = await Promise.all([add(null), add('k2'), add(null)]);
    const versions = await versionsOf(datasetId);
    expect(versions.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(new Set(versions.slice(1).map(({ id }) => id))).toEqual(new Set(ids));
  });

  test('refuses a dataset that does not exist', async () => {
    const request = { datasetId: randomUUID(), uploadId: await send(), fileOptions: null, split, idempotencyKey: null };
    expect(await problemsOf(datasets.addDatasetVersion(request))).toEqual(['datasetId NOT_FOUND']);
  });
});
