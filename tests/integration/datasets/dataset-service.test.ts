import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { Dataset } from '../../../src/datasets/dataset.entity.js';
import { createDatasetService } from '../../../src/datasets/dataset.service.js';
import type { DatasetCommands } from '../../../src/datasets/dataset-commands.js';
import { DatasetVersion } from '../../../src/datasets/dataset-version.entity.js';
import { type OpenExampleReader, openExampleReader } from '../../../src/datasets/example-reader.js';
import { RejectedRow } from '../../../src/datasets/rejected-row.entity.js';
import type { FileFormat, SplitRequest } from '../../../src/datasets/split-request.js';
import { Upload } from '../../../src/datasets/upload.entity.js';
import { createUploadService, type UploadService } from '../../../src/datasets/upload.service.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import { ensureDefaultProject } from '../../../src/projects/default-project.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { StorageError } from '../../../src/storage/storage-error.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let dataSource: DataSource;
let projectId: string;
let root: string;
let store: ArtifactStore;
let uploads: UploadService;
let datasets: DatasetCommands;
let reader: OpenExampleReader;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
  projectId = await ensureDefaultProject(dataSource);
  root = await mkdtemp(join(tmpdir(), 'attune-datasets-'));
  store = await openFileSystemStore({ root: join(root, 'artifacts') });
  uploads = createUploadService({ dataSource, store, maxBytes: 1e6, now: () => new Date() });
  datasets = await serviceOn(store);
  reader = await openExampleReader(store, join(root, 'reading'));
});
afterAll(async () => {
  reader.close();
  await dataSource.destroy();
  await database.drop();
  await rm(root, { recursive: true, force: true });
});

function serviceOn(artifacts: ArtifactStore): Promise<DatasetCommands> {
  const folder = join(root, 'ingestion');
  const ingestion = { threads: 2, memoryLimitMb: 256 };
  return createDatasetService({ dataSource, store: artifacts, uploads, folder, ingestion });
}

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

async function send(content = file, format: FileFormat = 'CSV'): Promise<string> {
  const { id } = await uploads.createUpload({ projectId, fileName: 'rows', format, idempotencyKey: null });
  await uploads.receive(id, format, Readable.from([Buffer.from(content)]));
  return id;
}

let names = 0;
const create = async (changes: Partial<Parameters<DatasetCommands['createDataset']>[0]> = {}, commands = datasets) =>
  commands.createDataset({
    projectId,
    name: `dataset ${names++}`,
    description: null,
    uploadId: changes.uploadId ?? (await send()),
    fileOptions: null,
    split,
    idempotencyKey: null,
    ...changes,
  });

const versionsOf = (datasetId: string) =>
  dataSource.getRepository(DatasetVersion).find({ where: { datasetId }, order: { number: 'ASC' } });
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

describe('the example reader', () => {
  async function versionOf(content: string, format: FileFormat, chosen: SplitRequest): Promise<string> {
    const [version] = await versionsOf(await create({ uploadId: await send(content, format), split: chosen }));
    return version!.digest;
  }
  const byPart: SplitRequest = { kind: 'column', column: 'part' };

  test('pages rows in their order, of all splits or one', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => `text ${index},${index % 5 === 0 ? 'test' : 'train'}`);
    const digest = await versionOf(`text,part\n${rows.join('\n')}\n`, 'CSV', byPart);
    const page = async (name: string | null, afterRow: number | null, limit: number) =>
      (await reader.readExamples({ digest, split: name, afterRow, limit })).map(({ row }) => row);
    expect(await page(null, null, 3)).toEqual([0, 1, 2]);
    expect(await page(null, 47, 10)).toEqual([48, 49]);
    expect(await page(null, 49, 10)).toEqual([]);
    expect(await page('test', null, 3)).toEqual([0, 5, 10]);
    expect(await page('test', 10, 100)).toEqual([15, 20, 25, 30, 35, 40, 45]);
    expect(await page('train', 3, 3)).toEqual([4, 6, 7]);
    expect(await page('none', null, 3)).toEqual([]);
    expect(await page("' OR true --", null, 3)).toEqual([]);
    expect(await reader.readExamples({ digest, split: 'test', afterRow: 41, limit: 1 })).toEqual([
      { row: 45, split: 'test', values: { text: 'text 45', part: 'test' } },
    ]);
  });

  test('gives values as JSON has them, in the order of the columns', async () => {
    const object =
      '{"z":"x","id":9007199254740993,"small":7,"f":1.5,"b":true,"nested":{"k":[1,null]},"none":null,"part":"all"}';
    const digest = await versionOf(object, 'JSONL', byPart);
    const [example] = await reader.readExamples({ digest, split: null, afterRow: null, limit: 1 });
    expect(JSON.stringify(example?.values)).toBe(
      '{"z":"x","id":"9007199254740993","small":7,"f":1.5,"b":true,"nested":{"k":[1,null]},"none":null,"part":"all"}',
    );
  });

  test('counts labels of rows that have a text, by split', async () => {
    const digest = await versionOf(
      'text,label,stars,part\na,x,1,train\nb,x,2,train\n,x,1,train\nc,,2,train\nd,,,train\ne,y,1,test\n',
      'CSV',
      byPart,
    );
    expect(await reader.countLabels({ digest, textColumns: ['text'], labelColumns: ['label', 'stars'] })).toEqual({
      labelled: { train: 3, test: 1 },
      labels: {
        label: [
          { split: 'test', label: 'y', count: 1 },
          { split: 'train', label: 'x', count: 2 },
        ],
        stars: [
          { split: 'test', label: '1', count: 1 },
          { split: 'train', label: '1', count: 1 },
          { split: 'train', label: '2', count: 2 },
        ],
      },
      splitsWithLists: {},
    });
  });

  test('counts rows that have both texts of a pair', async () => {
    const digest = await versionOf(
      'text,second,label,part\na,b,x,train\nc,,x,train\n,d,y,train\ne,f,y,test\n',
      'CSV',
      byPart,
    );
    expect(await reader.countLabels({ digest, textColumns: ['text', 'second'], labelColumns: ['label'] })).toEqual({
      labelled: { train: 1, test: 1 },
      labels: {
        label: [
          { split: 'test', label: 'y', count: 1 },
          { split: 'train', label: 'x', count: 1 },
        ],
      },
      splitsWithLists: {},
    });
  });

  test('counts the items of lists, and takes words for a text', async () => {
    const digest = await versionOf(
      [
        { words: ['a', 'b'], labels: ['x', 'y'], ids: [7, 7], part: 'train' },
        { words: ['c'], labels: [], part: 'train' },
        { words: ['d'], labels: null, ids: [8], part: 'train' },
        { labels: ['z'], part: 'train' },
        { words: [], labels: ['x'], part: 'test' },
      ]
        .map((row) => JSON.stringify(row))
        .join('\n'),
      'JSONL',
      byPart,
    );
    expect(await reader.countLabels({ digest, textColumns: ['words'], labelColumns: ['labels', 'ids'] })).toEqual({
      labelled: { train: 3, test: 1 },
      labels: {
        labels: [
          { split: 'test', label: 'x', count: 1 },
          { split: 'train', label: 'x', count: 1 },
          { split: 'train', label: 'y', count: 1 },
        ],
        ids: [
          { split: 'train', label: '7', count: 2 },
          { split: 'train', label: '8', count: 1 },
        ],
      },
      splitsWithLists: { labels: ['test', 'train'], ids: ['train'] },
    });
    expect((await reader.sampleTexts({ digest, split: 'train', textColumns: ['words'], limit: 9 }))[0]).toEqual({
      row: 0,
      texts: ['a b'],
    });
    expect(await reader.measureLists({ digest, columns: ['words', 'labels'] })).toEqual({
      lengths: {
        words: [
          { split: 'test', lists: 1, shortest: 0, longest: 0 },
          { split: 'train', lists: 3, shortest: 1, longest: 2 },
        ],
        labels: [
          { split: 'test', lists: 1, shortest: 1, longest: 1 },
          { split: 'train', lists: 3, shortest: 0, longest: 2 },
        ],
      },
      unequal: { test: 1, train: 1 },
    });
  });

  test('measures numbers by split, and the outputs of lists by their position', async () => {
    const digest = await versionOf(
      [
        { text: 'a', split: 1, pair: [1, 10], part: 'train' },
        { text: 'b', split: 2, pair: [3, 10.5], part: 'train' },
        { text: 'c', split: 6, pair: [5], part: 'train' },
        { text: 'd', part: 'train' },
        { split: 1000, pair: [1000, 1000], part: 'train' },
        { text: 'e', part: 'test' },
      ]
        .map((row) => JSON.stringify(row))
        .join('\n'),
      'JSONL',
      byPart,
    );
    const { split: plain, pair } = await reader.summarizeNumbers({
      digest,
      textColumns: ['text'],
      numberColumns: ['split', 'pair'],
    });
    // Of 1, 2 and 6 the mean is 3 and the variance (4 + 1 + 9) / 3; of 1, 3 and 5 it is 8 / 3.
    const nothing = { count: 0, minimum: null, maximum: null, mean: null, standardDeviation: null, nonFinite: 0 };
    expect(plain).toEqual([
      { split: 'test', position: 0, ...nothing, missing: 1 },
      {
        split: 'train',
        position: 0,
        count: 3,
        minimum: 1,
        maximum: 6,
        mean: 3,
        standardDeviation: expect.closeTo(Math.sqrt(14 / 3), 12),
        missing: 1,
        nonFinite: 0,
      },
    ]);
    expect(pair).toEqual([
      {
        split: 'train',
        position: 0,
        count: 3,
        minimum: 1,
        maximum: 5,
        mean: 3,
        standardDeviation: expect.closeTo(Math.sqrt(8 / 3), 12),
        missing: 1,
        nonFinite: 0,
      },
      {
        split: 'train',
        position: 1,
        count: 2,
        minimum: 10,
        maximum: 10.5,
        mean: 10.25,
        standardDeviation: 0.25,
        missing: 2,
        nonFinite: 0,
      },
    ]);
  });

  test('measures the largest numbers there are', async () => {
    const rows = [1.5e308, -1.5e308, 1.5e308, -1.5e308].map(
      (value) => `{"text":"t","value":[${value},0.5],"part":"all"}`,
    );
    const digest = await versionOf(rows.join('\n'), 'JSONL', byPart);
    const { value } = await reader.summarizeNumbers({ digest, textColumns: ['text'], numberColumns: ['value'] });
    expect(value?.[0]).toMatchObject({ mean: 0, standardDeviation: 1.5e308 });
  });

  test('samples texts evenly over a split, only rows that have them all', async () => {
    const lines = Array.from(
      { length: 100 },
      (_, i) => `first ${i},${i % 10 === 0 ? '' : `second ${i}`},${i < 50 ? 'train' : 'test'}`,
    );
    const digest = await versionOf(`text,pair,part\n${lines.join('\n')}\n`, 'CSV', byPart);
    const sample = (textColumns: string[], limit: number, split = 'test') =>
      reader.sampleTexts({ digest, split, textColumns, limit });
    expect((await sample(['text'], 5)).map(({ row, texts }) => [row, ...texts])).toEqual(
      [50, 60, 70, 80, 90].map((row) => [row, `first ${row}`]),
    );
    // 45 rows of the split are pairs: every fifteenth of them.
    expect((await sample(['text', 'pair'], 3)).map(({ texts }) => texts)).toEqual(
      [51, 67, 84].map((row) => [`first ${row}`, `second ${row}`]),
    );
    expect(await sample(['text'], 1000, 'train')).toHaveLength(50);
    expect(await sample(['text'], 5, 'none')).toEqual([]);
  });

  test('answers more questions than it has connections', async () => {
    const digest = await versionOf('text,part\na,train\nb,train\n', 'CSV', byPart);
    const pages = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        reader.readExamples({ digest, split: 'train', afterRow: (index % 2) - 1, limit: 1 }),
      ),
    );
    expect(pages.map(([example]) => example?.row)).toEqual(Array.from({ length: 30 }, (_, index) => index % 2));
  });

  test('says when the file of a version is gone', async () => {
    const question = { digest: 'a'.repeat(64), split: null, afterRow: null, limit: 1 };
    await expect(reader.readExamples(question)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
