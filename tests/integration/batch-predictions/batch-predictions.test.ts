import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatasetService } from '../../../src/datasets/dataset.service.js';
import { createUploadService, type UploadService } from '../../../src/datasets/upload.service.js';
import { sweepFiles } from '../../../src/deletion/sweep-files.js';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { startDataWorker } from '../../support/data-worker.js';
import { countsIn, deleteObject } from '../../support/deletions.js';
import { withOtherSecret } from '../../support/other-secret.js';
import { ids, insertBaseModel, insertDataset, tinyBert } from '../../support/rows.js';
import { createTestExperiment } from '../../support/runs.js';

interface Batch {
  readonly id: string;
  readonly status: string;
  readonly problems?: readonly {
    readonly path: readonly string[];
    readonly code: string;
    readonly hint: string | null;
  }[];
  readonly [field: string]: unknown;
}

const fields = /* GraphQL */ `id status split sourceFileName textColumn textPairColumn format rowCount rejectedCount errorCount
  model { name } datasetVersion { id } addedColumns { name content task } progress { rowsDone } file { name url }`;

let api: TestApi;
let worker: AsyncDisposable;
let uploads: UploadService;
let model: string;
let trained: string;
let bare: string;
let version: string;
beforeAll(async () => {
  api = await startTestApi({
    openDatasets(dataSource, jobResults, store) {
      uploads = createUploadService({ dataSource, store, maxBytes: 1e6, now: () => new Date() });
      return createDatasetService({ dataSource, store, uploads, jobResults, workers: { anyOnline: async () => true } });
    },
  });
  worker = await startDataWorker({
    databaseUrl: api.databaseUrl,
    storeOf: () => api.store,
    folder: join(api.folder, 'ingestion'),
  });
  const { dataSource, projectId } = api;
  const heads = [{ kind: 'classification' as const, task: 'label', labels: ['ham', 'spam'] }];
  model = ids.baseModel(await insertBaseModel(dataSource, projectId, { name: 'tuned', heads, manifest: tinyBert }));
  bare = ids.baseModel(await insertBaseModel(dataSource, projectId, { name: 'bare' }));
  version = ids.version((await insertDataset(dataSource, projectId, { name: 'mails/2024' })).versionIds[0]!);
  const experiment = await createTestExperiment(api, { name: 'trained', version: parseGlobalId(version)!.uuid });
  const producedByRunId = experiment.runId;
  trained = ids.baseModel(await insertBaseModel(dataSource, projectId, { name: 'trained', producedByRunId, heads }));
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await api?.close();
});

async function predictBatch(input: object): Promise<Batch> {
  const data = await api.request<{ predictBatch: Batch }>(
    `mutation ($input: PredictBatchInput!) { predictBatch(input: $input) {
       ... on BatchPrediction { ${fields} } ... on Problems { problems { path code hint } } } }`,
    { input },
  );
  return data.predictBatch;
}

async function upload(text: string, fileName = 'my mails.csv'): Promise<string> {
  const { projectId } = api;
  const { id } = await uploads.createUpload({ projectId, fileName, format: 'CSV', idempotencyKey: null });
  await uploads.receive(id, 'CSV', Readable.from([Buffer.from(text)]));
  return globalId('Upload', id);
}

const uuidOf = ({ id }: Pick<Batch, 'id'>) => parseGlobalId(id)!.uuid;
const jobOf = async (batch: Batch) =>
  (await api.dataSource.query('SELECT lane, payload FROM jobs WHERE batch_prediction_id = $1', [uuidOf(batch)]))[0];

/** Lets it end as a worker does, with a file. */
async function finish(batch: Batch, name = 'tuned ü.csv'): Promise<string> {
  const stored = await api.store.write(Buffer.from(uuidOf(batch)));
  await api.dataSource.query(
    `INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, $2, 'text/csv') ON CONFLICT DO NOTHING`,
    [stored.digest, stored.sizeBytes],
  );
  await api.dataSource.query(
    `UPDATE batch_predictions SET status = 'SUCCEEDED', error_count = 0, finished_at = now(), files = $2 WHERE id = $1`,
    [uuidOf(batch), JSON.stringify([{ name, ...stored }])],
  );
  return stored.digest;
}

describe('predictBatch', () => {
  test('queues one job of the batch lane for all splits of a version, or for one', async () => {
    const all = await predictBatch({ modelId: model, datasetVersionId: version, textColumn: 'text' });
    expect(all).toMatchObject({
      status: 'QUEUED',
      split: null,
      sourceFileName: null,
      textColumn: 'text',
      textPairColumn: null,
      format: 'JSON_LINES',
      rowCount: 100,
      rejectedCount: 0,
      errorCount: null,
      model: { name: 'tuned' },
      datasetVersion: { id: version },
      progress: null,
      file: null,
    });
    expect(all.addedColumns).toEqual([
      { name: 'split', content: 'SPLIT', task: null },
      { name: 'predicted_label', content: 'LABEL', task: 'label' },
      { name: 'predicted_label_probability', content: 'PROBABILITY', task: 'label' },
      { name: 'prediction_truncated', content: 'TRUNCATED', task: null },
      { name: 'prediction_error', content: 'ERROR', task: null },
    ]);
    expect(await jobOf(all)).toMatchObject({
      lane: 'batch',
      payload: { kind: 'predictBatch', split: null, rowCount: 100, fileName: 'tuned-mails-2024-v1.jsonl' },
    });
    const one = await predictBatch({
      modelId: model,
      datasetVersionId: version,
      textColumn: 'text',
      split: 'test',
      format: 'PARQUET',
    });
    expect(one).toMatchObject({ split: 'test', rowCount: 10 });
    expect((await jobOf(one)).payload).toMatchObject({
      split: 'test',
      format: 'parquet',
      fileName: 'tuned-mails-2024-v1-test.parquet',
    });
  });

  test('takes an uploaded file, which becomes no dataset, by an alias of the model', async () => {
    await api.request('mutation ($input: SetModelAliasInput!) { setModelAlias(input: $input) { __typename } }', {
      input: { modelId: model, name: 'live' },
    });
    const uploadId = await upload('id,body\n1,hello\n2,\n3,bye\n');
    const input = { alias: 'live', uploadId, format: 'CSV', withProbabilities: true, idempotencyKey: 'file' };
    const batch = await predictBatch(input);
    // The only column of texts is taken for them.
    expect(batch).toMatchObject({
      sourceFileName: 'my mails.csv',
      datasetVersion: null,
      textColumn: 'body',
      rowCount: 3,
    });
    expect((batch.addedColumns as { name: string }[]).map(({ name }) => name)).toEqual([
      'predicted_label',
      'predicted_label_probability',
      'predicted_label_probabilities',
      'prediction_truncated',
      'prediction_error',
    ]);
    const { payload } = await jobOf(batch);
    expect(payload).toMatchObject({ fileName: 'tuned-my-mails.csv', pairColumn: null });
    expect(await api.store.has(payload.dataDigest)).toBe(true);
    expect(await api.dataSource.query('SELECT FROM uploads')).toEqual([]);
    expect(await predictBatch(input)).toEqual(batch);
    expect((await predictBatch({ ...input, idempotencyKey: null })).problems).toMatchObject([
      { path: ['uploadId'], code: 'NOT_FOUND' },
    ]);
  });

  test('asks whether the first line of texts alone is one of them', async () => {
    const texts = 'I loved it\nTerrible service\nFine\n';
    const uploadId = await upload(texts);
    const { problems } = await predictBatch({ modelId: model, uploadId });
    expect(problems).toMatchObject([{ path: ['fileOptions', 'delimited', 'header'], code: 'UNCLEAR_HEADER' }]);
    const options = (header: boolean) => ({ fileOptions: { delimited: { header } } });
    expect(await predictBatch({ modelId: model, uploadId, ...options(false) })).toMatchObject({
      textColumn: 'column1',
      rowCount: 3,
    });
    const headed = { modelId: model, uploadId: await upload(texts), ...options(true) };
    expect(await predictBatch(headed)).toMatchObject({ textColumn: 'I loved it', rowCount: 2 });
    // Neither is asked about: the column that the input names, and the one that the model was trained on.
    const named = { modelId: model, uploadId: await upload(texts), textColumn: 'I loved it' };
    expect(await predictBatch(named)).toMatchObject({ textColumn: 'I loved it', rowCount: 2 });
    const learnt = { modelId: trained, uploadId: await upload('text\nGreat\nTerrible\n') };
    expect(await predictBatch(learnt)).toMatchObject({ textColumn: 'text', rowCount: 2 });
  });

  test('takes the columns that the model was trained on', async () => {
    expect(await predictBatch({ modelId: trained, datasetVersionId: version })).toMatchObject({ textColumn: 'text' });
  });

  test.each<[string, () => object, [string, string][]]>([
    ['neither version nor file', () => ({}), [['datasetVersionId', 'REQUIRED']]],
    [
      'both',
      () => ({ datasetVersionId: version, uploadId: globalId('Upload', randomUUID()) }),
      [['uploadId', 'INVALID_VALUE']],
    ],
    [
      'a split of a file',
      () => ({ uploadId: globalId('Upload', randomUUID()), split: 'test' }),
      [['split', 'INVALID_VALUE']],
    ],
    [
      'options for a version',
      () => ({ datasetVersionId: version, fileOptions: {} }),
      [['fileOptions', 'INVALID_VALUE']],
    ],
    ['no head', () => ({ modelId: bare, datasetVersionId: version }), [['modelId', 'NO_HEAD']]],
    ['no such version', () => ({ datasetVersionId: ids.version(randomUUID()) }), [['datasetVersionId', 'NOT_FOUND']]],
    ['no such upload', () => ({ uploadId: globalId('Upload', randomUUID()) }), [['uploadId', 'NOT_FOUND']]],
    ['a wrong id', () => ({ uploadId: version }), [['uploadId', 'NOT_FOUND']]],
    ['two columns of texts to choose from', () => ({ datasetVersionId: version }), [['textColumn', 'REQUIRED']]],
    [
      'unknown names',
      () => ({ datasetVersionId: version, split: 'tset', textColumn: 'txt' }),
      [
        ['split', 'UNKNOWN_SPLIT'],
        ['textColumn', 'UNKNOWN_COLUMN'],
      ],
    ],
    [
      'a column of numbers',
      () => ({ datasetVersionId: version, textColumn: 'stars' }),
      [['textColumn', 'WRONG_COLUMN_TYPE']],
    ],
    [
      'pairs for single texts',
      () => ({ modelId: trained, datasetVersionId: version, textPairColumn: 'label' }),
      [['textPairColumn', 'INVALID_VALUE']],
    ],
    [
      'one column for both texts',
      () => ({ datasetVersionId: version, textColumn: 'text', textPairColumn: 'text' }),
      [['textPairColumn', 'INVALID_VALUE']],
    ],
  ])('refuses %s', async (_, input, problems) => {
    const refused = await predictBatch({ modelId: model, ...input() });
    expect(refused.problems?.map(({ path, code }) => [path.join('.'), code])).toEqual(problems);
  });

  test('a refused file may be used again, and leaves nothing behind', async () => {
    const uploadId = await upload('first,second\na,b\n');
    await sweepFiles(api.dataSource, api.store);
    const before = await api.dataSource.query('SELECT FROM artifacts');
    expect((await predictBatch({ modelId: model, uploadId, textColumn: 'body' })).problems).toMatchObject([
      { path: ['textColumn'], code: 'UNKNOWN_COLUMN' },
    ]);
    await sweepFiles(api.dataSource, api.store);
    expect(await api.dataSource.query('SELECT FROM artifacts')).toHaveLength(before.length);
    expect(
      await predictBatch({ modelId: model, uploadId, textColumn: 'first', textPairColumn: 'second' }),
    ).toMatchObject({
      textColumn: 'first',
      textPairColumn: 'second',
    });
    const wrong = await upload('a,b\n1,2,3\n4,5,6\n');
    const answer = await predictBatch({ modelId: model, uploadId: wrong });
    expect(answer.problems?.[0]?.path[0]).toBe('uploadId');
  });

  test('a project without storage left is refused', async () => {
    await api.dataSource.query('UPDATE projects SET max_storage_bytes = 0');
    const refused = await predictBatch({ modelId: model, datasetVersionId: version, textColumn: 'text' });
    await api.dataSource.query('UPDATE projects SET max_storage_bytes = NULL');
    expect(refused.problems).toMatchObject([{ code: 'QUOTA_EXCEEDED' }]);
  });
});

test('a subscriber sees each state, the last included; lists have it', async () => {
  const batch = await predictBatch({ modelId: model, datasetVersionId: version, textColumn: 'text' });
  const events = api.connect().iterate<{ batchPredictionChanged: { status: string } }>({
    query: 'subscription ($id: ID!) { batchPredictionChanged(batchPredictionId: $id) { status } }',
    variables: { id: batch.id },
  });
  const next = async () => (await events.next()).value?.data?.batchPredictionChanged.status;
  expect(await next()).toBe('QUEUED');
  const canceled = await api.request(
    'mutation ($id: ID!) { cancelBatchPrediction(input: { batchPredictionId: $id }) { ... on BatchPrediction { status } } }',
    { id: batch.id },
  );
  expect(canceled).toEqual({ cancelBatchPrediction: { status: 'CANCELED' } });
  expect(await next()).toBe('CANCELED');
  expect(await next()).toBeUndefined();
  const { project, node } = await api.request<Record<string, { batchPredictions: { nodes: object[] } }>>(
    `query ($id: ID!) { project { batchPredictions(first: 1) { nodes { id } } }
       node(id: $id) { ... on BaseModel { batchPredictions(first: 1) { nodes { id } } } } }`,
    { id: model },
  );
  expect(project!.batchPredictions.nodes).toEqual([{ id: batch.id }]);
  expect(node).toEqual(project);
});

describe('its file', () => {
  test('is downloaded with its name, by a link without a credential too', async () => {
    const batch = await predictBatch({ modelId: model, datasetVersionId: version, textColumn: 'text' });
    const digest = await finish(batch);
    const { node } = await api.request<{ node: { file: { url: string; sha256: string; link: { url: string } } } }>(
      'query ($id: ID!) { node(id: $id) { ... on BatchPrediction { file { url sha256 link(expiresInSeconds: 60) { url } } } } }',
      { id: batch.id },
    );
    expect(node.file.sha256).toBe(digest);
    for (const path of [node.file.url, node.file.link.url]) {
      const response = await fetch(new URL(path, api.url));
      expect([response.status, await response.text()]).toEqual([200, uuidOf(batch)]);
      expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''tuned%20%C3%BC.csv");
      expect(response.headers.get('etag')).toBe(`"${digest}"`);
    }
    const forged = withOtherSecret(node.file.link.url, 'signature');
    expect((await fetch(new URL(forged, api.url))).status).toBe(403);
    const other = node.file.url.replace(/[^/]+$/, 'other.csv');
    expect((await fetch(new URL(other, api.url))).status).toBe(404);
    await api.store.remove(digest);
    expect((await fetch(new URL(node.file.url, api.url))).status).toBe(410);
  });

  test.each([
    ['JSON_LINES', 'application/jsonl; charset=utf-8'],
    ['CSV', 'text/csv; charset=utf-8'],
    ['PARQUET', 'application/vnd.apache.parquet'],
  ])('in %s says that it is %s', async (format, type) => {
    const batch = await predictBatch({ modelId: model, datasetVersionId: version, textColumn: 'text', format });
    const { fileName } = (await jobOf(batch)).payload;
    await finish(batch, fileName);
    const response = await fetch(new URL(`/batch-predictions/${uuidOf(batch)}/${fileName}`, api.url));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
  });

  test('needs a credential without a link, and the right to read the project', async () => {
    await using guarded = await startTestApi({ host: '0.0.0.0' });
    const response = await fetch(new URL(`/batch-predictions/${randomUUID()}/a.csv`, guarded.url));
    expect(response.status).toBe(401);
  });
});

describe('deletion', () => {
  const start = () => predictBatch({ modelId: model, datasetVersionId: version, textColumn: 'text' });

  test('takes its file with it, and what is at work is refused', async () => {
    const batch = await start();
    expect((await deleteObject(api, 'BatchPrediction', uuidOf(batch))).problems).toMatchObject([
      { path: ['batchPredictionId'], code: 'CONFLICT', usedBy: [{ kind: 'BATCH_PREDICTION' }] },
    ]);
    const digest = await finish(batch);
    const answer = await deleteObject(api, 'BatchPrediction', uuidOf(batch));
    expect(answer).toMatchObject({ kind: 'BATCH_PREDICTION', name: 'tuned-mails-2024-v1.jsonl', freedBytes: 36 });
    expect(await api.store.has(digest)).toBe(false);
    expect(await api.dataSource.query('SELECT FROM jobs WHERE batch_prediction_id = $1', [uuidOf(batch)])).toEqual([]);
    expect(await deleteObject(api, 'BatchPrediction', uuidOf(batch))).toEqual(answer);
  });

  test('of the model, or of the dataset, takes it along', async () => {
    const { dataSource, projectId } = api;
    const heads = [{ kind: 'classification' as const, task: 'label', labels: ['ham', 'spam'] }];
    const [own, data] = [
      await insertBaseModel(dataSource, projectId, { name: 'to delete', heads }),
      await insertDataset(dataSource, projectId, { name: 'to delete' }),
    ];
    const input = {
      modelId: ids.baseModel(own),
      datasetVersionId: ids.version(data.versionIds[0]!),
      textColumn: 'text',
    };
    const [first, second] = [await predictBatch(input), await predictBatch({ ...input, modelId: model })];
    expect((await deleteObject(api, 'BaseModel', own, { cascade: true })).problems).toMatchObject([
      { code: 'CONFLICT' },
    ]);
    await finish(first);
    await finish(second);
    expect((await deleteObject(api, 'BaseModel', own)).problems).toMatchObject([
      { code: 'IN_USE', usedBy: [{ kind: 'BATCH_PREDICTION', objectId: first.id }] },
    ]);
    expect(countsIn(await deleteObject(api, 'BaseModel', own, { cascade: true }))).toEqual({
      BASE_MODEL: 1,
      BATCH_PREDICTION: 1,
    });
    expect(countsIn(await deleteObject(api, 'Dataset', data.id, { cascade: true }))).toEqual({
      DATASET: 1,
      DATASET_VERSION: 1,
      BATCH_PREDICTION: 1,
    });
  });
});
