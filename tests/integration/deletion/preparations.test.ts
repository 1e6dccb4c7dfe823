import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { createDatasetService } from '../../../src/datasets/dataset.service.js';
import { createPreparations } from '../../../src/datasets/preparation/preparations.js';
import { sweepPreparations } from '../../../src/datasets/preparation/sweep-preparations.js';
import { createUploadService, type UploadService } from '../../../src/datasets/upload.service.js';
import { sweepUploads } from '../../../src/datasets/upload-sweep.js';
import { sweepFiles } from '../../../src/deletion/sweep-files.js';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { startDataWorker } from '../../support/data-worker.js';
import { countsIn, deleteObject, deleteProject } from '../../support/deletions.js';
import { digest } from '../../support/rows.js';

/** Deletions of what preparations read and make. Preparations wait until a worker is started for them. */

let api: TestApi;
let uploads: UploadService;
const workers = { anyOnline: async () => true };

beforeAll(async () => {
  api = await startTestApi({
    openDatasets(dataSource, jobResults, store) {
      uploads = createUploadService({ dataSource, store, maxBytes: 1e6, now: () => new Date() });
      return createDatasetService({ dataSource, store, uploads, jobResults, workers });
    },
  });
});
afterAll(() => api?.close());

/** Does work while there is a worker. */
async function withWorker<Result>(work: () => Promise<Result>): Promise<Result> {
  await using _worker = await startDataWorker({
    databaseUrl: api.databaseUrl,
    storeOf: () => api.store,
    folder: join(api.folder, 'ingestion'),
  });
  return await work();
}

async function send(content: string, projectId = api.projectId): Promise<string> {
  const { id } = await uploads.createUpload({ projectId, fileName: 'rows.csv', format: 'CSV', idempotencyKey: null });
  await uploads.receive(id, 'CSV', Readable.from([Buffer.from(content)]));
  return id;
}

const upload = (id: string) => ({ upload: { uploadId: globalId('Upload', id) } });
const version = (id: string) => ({ version: { datasetVersionId: globalId('DatasetVersion', id) } });

/** Queues a preparation; returns its row id. */
async function queue(input: Record<string, unknown>): Promise<string> {
  const { prepareDataset } = await api.request<{ prepareDataset: { id?: string } }>(
    `mutation ($input: PrepareDatasetInput!) { prepareDataset(input: $input) {
       ... on Preparation { id } ... on Problems { problems { path code message } } } }`,
    { input },
  );
  if (prepareDataset.id === undefined) throw new Error(JSON.stringify(prepareDataset));
  return parseGlobalId(prepareDataset.id)!.uuid;
}

/** Makes a version; returns the row ids of it and its dataset, and the digest of its rows. */
async function made(input: Record<string, unknown>): Promise<{ id: string; datasetId: string; digest: string }> {
  const preparation = await queue(input);
  await withWorker(() => api.jobResults.wait(preparation, 30_000));
  const [row] = await api.dataSource.query(
    `SELECT v.id, v.dataset_id AS "datasetId", v.digest FROM preparations p JOIN dataset_versions v ON v.id = p.dataset_version_id
      WHERE p.id = $1`,
    [preparation],
  );
  return row;
}

const cancel = (preparation: string) =>
  api.request('mutation ($id: ID!) { cancelPreparation(input: { preparationId: $id }) { __typename } }', {
    id: globalId('Preparation', preparation),
  });

const has = (content: string): Promise<boolean> => api.store.has(digest(content));

test('what a preparation reads, and the dataset that it makes a version of, stay until it has ended', async () => {
  const content = 'text,label\nread,x\n';
  const read = await made({ name: 'read', sources: [upload(await send(content))] });
  const grown = await made({ name: 'grown', sources: [upload(await send('text,label\ngrown,x\n'))] });
  const preparation = await queue({ datasetId: globalId('Dataset', grown.datasetId), sources: [version(read.id)] });
  const conflict = [
    {
      code: 'CONFLICT',
      usedBy: [{ kind: 'PREPARATION', objectId: globalId('Preparation', preparation), name: 'grown' }],
    },
  ];
  expect((await deleteObject(api, 'DatasetVersion', read.id)).problems).toMatchObject(conflict);
  expect((await deleteObject(api, 'Dataset', read.datasetId, { cascade: true })).problems).toMatchObject(conflict);
  expect((await deleteObject(api, 'Dataset', grown.datasetId)).problems).toMatchObject(conflict);
  // The other dataset's own version is not read.
  expect((await deleteObject(api, 'DatasetVersion', grown.id, { dryRun: true })).problems).toBeUndefined();
  await cancel(preparation);
  expect(countsIn(await deleteObject(api, 'Dataset', read.datasetId))).toEqual({
    DATASET: 1,
    DATASET_VERSION: 1,
    UPLOAD: 1,
  });
  expect([await has(content), await api.store.has(read.digest)]).toEqual([false, false]);
  expect(countsIn(await deleteObject(api, 'Dataset', grown.datasetId))).toMatchObject({ DATASET: 1 });
});

test('versions that a report reads stay until it has ended, and take reports with them', async () => {
  const content = 'text,label\nreported,x\n';
  const newer = await made({ name: 'reported', sources: [upload(await send(content))] });
  const older = await made({ name: 'compared', sources: [upload(await send('text,label\nolder,x\n'))] });
  const ask = async (field: string, input: Record<string, unknown>): Promise<string> => {
    const result = await api.request<Record<string, { id: string }>>(
      `mutation ($input: ${field[0]!.toUpperCase()}${field.slice(1)}Input!) { ${field}(input: $input) {
         ... on DatasetReport { id } ... on Problems { problems { path code message } } } }`,
      { input: { datasetVersionId: globalId('DatasetVersion', newer.id), ...input } },
    );
    return result[field]!.id;
  };
  const reports = [
    await ask('reportDataset', {}),
    await ask('compareDatasetVersions', { comparedWithId: globalId('DatasetVersion', older.id) }),
  ];
  const named = (ids: readonly string[]) =>
    ids.map((objectId) => ({ kind: 'DATASET_REPORT', objectId, name: 'reported v1' }));
  const ofNewer = await deleteObject(api, 'DatasetVersion', newer.id);
  expect(ofNewer.problems).toMatchObject([{ code: 'CONFLICT' }]);
  expect(ofNewer.problems![0]!.usedBy).toEqual(expect.arrayContaining(named(reports)));
  const ofOlder = await deleteObject(api, 'Dataset', older.datasetId);
  expect(ofOlder.problems).toMatchObject([{ code: 'CONFLICT', usedBy: named(reports.slice(1)) }]);
  for (const reportId of reports) {
    await api.request('mutation ($id: ID!) { cancelDatasetReport(input: { reportId: $id }) { __typename } }', {
      id: reportId,
    });
  }
  expect(countsIn(await deleteObject(api, 'Dataset', older.datasetId))).toMatchObject({ DATASET: 1 });
  expect(countsIn(await deleteObject(api, 'Dataset', newer.datasetId))).toMatchObject({ DATASET: 1 });
  const uuids = reports.map((id) => parseGlobalId(id)!.uuid);
  expect(await api.dataSource.query('SELECT FROM dataset_reports WHERE id = ANY($1::uuid[])', [uuids])).toEqual([]);
});

test('a version that a recipe compares with stays until the preparation has ended', async () => {
  const other = await made({ name: 'compared with', sources: [upload(await send('text,label\ncompared,x\n'))] });
  const preparation = await queue({
    name: 'without copies',
    sources: [upload(await send('text,label\nmine,x\n'))],
    recipe: [
      {
        dropDuplicates: {
          columns: ['text'],
          match: 'EXACT',
          scope: 'VERSIONS',
          versions: [{ datasetVersionId: globalId('DatasetVersion', other.id) }],
        },
      },
    ],
  });
  expect((await deleteObject(api, 'Dataset', other.datasetId)).problems).toMatchObject([
    { code: 'CONFLICT', usedBy: [{ kind: 'PREPARATION', name: 'without copies' }] },
  ]);
  await cancel(preparation);
  expect(countsIn(await deleteObject(api, 'Dataset', other.datasetId))).toMatchObject({ DATASET: 1 });
});

test('a version outlives the one that it was made from, and still says what that was called', async () => {
  const content = 'text,label\nthe  parent,x\n';
  const parent = await made({ name: 'parent', sources: [upload(await send(content))] });
  const recipe = [{ collapseWhiteSpace: {} }];
  const child = await made({ name: 'child', sources: [version(parent.id)], recipe });
  expect(countsIn(await deleteObject(api, 'Dataset', parent.datasetId))).toEqual({ DATASET: 1, DATASET_VERSION: 1 });
  // The uploaded file is what the child came from in the end.
  expect([await has(content), await api.store.has(parent.digest)]).toEqual([true, false]);
  const sources = await api.dataSource.query(
    'SELECT parent_version_id AS parent, parent_name AS name FROM dataset_version_sources WHERE dataset_version_id = $1',
    [child.id],
  );
  expect(sources).toEqual([{ parent: null, name: 'parent v1' }]);
  await deleteObject(api, 'Dataset', child.datasetId);
  expect([await has(content), await api.store.has(child.digest)]).toEqual([false, false]);
});

test('of several files, each goes with the last version that was made from it', async () => {
  const [first, second] = ['text,label\nfirst,x\n', 'text,label\nsecond,y\n'];
  const both = await made({ name: 'both', sources: [upload(await send(first)), upload(await send(second))] });
  const alone = await made({ name: 'alone', sources: [upload(await send(second))] });
  expect(countsIn(await deleteObject(api, 'Dataset', both.datasetId))).toEqual({
    DATASET: 1,
    DATASET_VERSION: 1,
    UPLOAD: 1,
  });
  expect([await has(first), await has(second)]).toEqual([false, true]);
  await deleteObject(api, 'Dataset', alone.datasetId);
  expect(await has(second)).toBe(false);
});

test('a project with preparations goes when none is under way any more', async () => {
  await api.request('mutation { createProject(input: { slug: "prepares", name: "Prepares" }) { __typename } }');
  const [{ id: projectId }] = await api.dataSource.query(`SELECT id FROM projects WHERE slug = 'prepares'`);
  const rows = 'text,label\nof the project,x\n';
  const first = await made({ projectSlug: 'prepares', name: 'first', sources: [upload(await send(rows, projectId))] });
  const sources = [version(first.id)];
  await made({ projectSlug: 'prepares', datasetId: globalId('Dataset', first.datasetId), sources });
  const waiting = await queue({ projectSlug: 'prepares', name: 'waiting', sources });
  expect((await deleteProject(api, { projectSlug: 'prepares', cascade: true })).problems).toMatchObject([
    { code: 'CONFLICT', usedBy: [{ kind: 'PREPARATION', name: 'waiting' }] },
  ]);
  await cancel(waiting);
  const would = await deleteProject(api, { projectSlug: 'prepares', cascade: true, dryRun: true });
  expect(countsIn(would)).toEqual({
    PROJECT: 1,
    DATASET: 1,
    DATASET_VERSION: 2,
    PREPARATION: 3,
    UPLOAD: 1,
    MEMBER: 1,
  });
  expect(await deleteProject(api, { projectSlug: 'prepares', cascade: true })).toEqual({ ...would, isDryRun: false });
  for (const table of ['preparations', 'jobs']) {
    expect(await api.dataSource.query(`SELECT FROM ${table} WHERE project_id = $1`, [projectId])).toEqual([]);
  }
  expect([await has(rows), await api.store.has(first.digest)]).toEqual([false, false]);
});

test('a project that holds nothing but a preparation under way is in use', async () => {
  await api.request('mutation { createProject(input: { slug: "fresh", name: "Fresh" }) { __typename } }');
  const [{ id: projectId }] = await api.dataSource.query(`SELECT id FROM projects WHERE slug = 'fresh'`);
  const sources = [upload(await send('text,label\nfresh,x\n', projectId))];
  const preparation = await queue({ projectSlug: 'fresh', name: 'to be', sources });
  expect((await deleteProject(api, { projectSlug: 'fresh' })).problems).toMatchObject([
    { code: 'IN_USE', usedBy: [{ kind: 'PREPARATION', name: 'to be' }] },
  ]);
  await cancel(preparation);
  expect(countsIn(await deleteProject(api, { projectSlug: 'fresh' }))).toMatchObject({ PREPARATION: 1, UPLOAD: 1 });
});

test('the file of an upload that is canceled or expires stays while a preparation waits to read it', async () => {
  const [canceled, expired] = ['text,label\ncanceled,x\n', 'text,label\nexpired,x\n'];
  const uploadIds = [await send(canceled), await send(expired)];
  const preparation = await queue({ name: 'of uploads', sources: uploadIds.map(upload) });
  await uploads.parts.cancel(uploadIds[0]!);
  await api.dataSource.query(`UPDATE uploads SET expires_at = now() - interval '2 days' WHERE id = $1`, [uploadIds[1]]);
  expect(await sweepUploads(api.dataSource, api.store)).toBe(0);
  await sweepFiles(api.dataSource, api.store);
  expect([await has(canceled), await has(expired)]).toEqual([true, true]);
  await cancel(preparation);
  expect(await sweepUploads(api.dataSource, api.store)).toBe(1);
  await sweepFiles(api.dataSource, api.store);
  expect([await has(canceled), await has(expired)]).toEqual([false, false]);
});

test('rows that nobody took within a day are removed with their file; those of today stay', async () => {
  const { dataSource, jobResults, projectId } = api;
  const preparations = createPreparations({
    dataSource,
    query: poolQuery(dataSource),
    jobResults,
    workers,
    store: api.store,
  });
  const prepareRows = async (content: string) => {
    const uploadId = await send(content);
    const id = await preparations.start({
      idempotent: { projectId, operation: 'test', key: null, input: {} },
      target: { kind: 'rows' },
      sources: [{ kind: 'upload', uploadId, fileOptions: null, split: null }],
      recipe: [],
      split: null,
      textNames: null,
      roles: [],
    });
    const { rows } = (await withWorker(() => preparations.finished(id)))!;
    return { id, digest: rows!.digest };
  };
  const old = await prepareRows('text\nold\n');
  const fresh = await prepareRows('text\nfresh\n');
  const version = await made({ name: 'an old version', sources: [upload(await send('text,label\nkept,x\n'))] });
  await dataSource.query(
    `UPDATE preparations SET finished_at = now() - interval '25 hours' WHERE id = $1 OR dataset_version_id = $2`,
    [old.id, version.id],
  );
  // No file that somebody may still take is removed.
  await sweepFiles(dataSource, api.store);
  expect([await api.store.has(old.digest), await api.store.has(fresh.digest)]).toEqual([true, true]);
  expect(await sweepPreparations(dataSource)).toBe(1);
  expect(await sweepPreparations(dataSource)).toBe(0);
  await sweepFiles(dataSource, api.store);
  expect([await api.store.has(old.digest), await api.store.has(fresh.digest)]).toEqual([false, true]);
  expect(await api.store.has(version.digest)).toBe(true);
});

test('a call that is repeated after what it made was deleted is told so', async () => {
  const uploadId = globalId('Upload', await send('text,label\nonce,x\n'));
  const create = () =>
    api.request<{ createDataset: { id?: string; problems?: unknown } }>(
      `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
         ... on Dataset { id } ... on Problems { problems { code message } } } }`,
      { input: { name: 'once', uploadId, idempotencyKey: 'once' } },
    );
  const { createDataset } = await withWorker(create);
  await deleteObject(api, 'Dataset', parseGlobalId(createDataset.id!)!.uuid);
  expect(await create()).toEqual({
    createDataset: { problems: [{ code: 'NOT_FOUND', message: 'The version was made, and has been deleted since.' }] },
  });
});
