import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { digest, ids, insertBaseModel, insertDataset, tinyManifest } from '../../support/rows.js';
import { createTestExperiment, enter } from '../../support/runs.js';
import { spyOnStatements } from '../../support/statements.js';

interface Problem {
  readonly path: readonly string[];
  readonly code: string;
  readonly message: string;
}
type Result = { readonly __typename: string; readonly id?: string; readonly problems?: readonly Problem[] };

const unlimited = {
  maxStorageBytes: null,
  maxQueuedExperiments: null,
  maxRunningExperiments: null,
  maxFeedbackTasks: null,
  maxFeedbackItems: null,
  maxRecordedFeedback: null,
};

let api: TestApi;
let baseModel: string;
let version: string;
beforeAll(async () => {
  api = await startTestApi();
  baseModel = await insertBaseModel(api.dataSource, api.projectId, { name: 'tiny' });
  version = (await insertDataset(api.dataSource, api.projectId, { name: 'mails' })).versionIds[0]!;
});
afterAll(() => api?.close());
beforeEach(async () => {
  await setQuota(unlimited);
  await api.dataSource.query(`UPDATE jobs SET state = 'canceled'`);
});

async function mutate(mutation: string, type: string, input: Record<string, unknown>): Promise<Result> {
  const data = await api.request<Record<string, Result>>(
    /* GraphQL */ `mutation ($input: ${type}!) { ${mutation}(input: $input) {
      __typename
      ... on Node { id }
      ... on Problems { problems { path code message } }
    } }`,
    { input },
  );
  return data[mutation]!;
}

const setQuota = (input: Record<string, unknown>) => mutate('setProjectQuota', 'SetProjectQuotaInput', input);
const create = (input: Record<string, unknown> = {}) =>
  mutate('createExperiment', 'CreateExperimentInput', {
    name: 'one',
    baseModelId: ids.baseModel(baseModel),
    datasetVersionId: ids.version(version),
    method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
    ...input,
  });
const clone = (experimentId: string) => mutate('cloneExperiment', 'CloneExperimentInput', { experimentId });
const act = (mutation: string, experimentId: string) => mutate(mutation, 'ExperimentActionInput', { experimentId });
const exceeded = (path: readonly string[], message: string) => ({
  __typename: 'Problems',
  problems: [{ path, code: 'QUOTA_EXCEEDED', message }],
});

async function projectOf(of: TestApi, slug = 'default') {
  const { project } = await of.request<{ project: { quota: Record<string, unknown>; usage: Record<string, number> } }>(
    /* GraphQL */ `query ($slug: String!) { project(slug: $slug) {
      quota { maxStorageBytes maxQueuedExperiments maxRunningExperiments maxFeedbackTasks maxFeedbackItems maxRecordedFeedback }
      usage { storageBytes queuedExperiments runningExperiments } } }`,
    { slug },
  );
  return project;
}

describe('setProjectQuota', () => {
  test('sets what is given, takes away what is null, leaves the rest', async () => {
    expect((await projectOf(api)).quota).toEqual(unlimited);
    await setQuota({
      maxStorageBytes: 5_000_000_000,
      maxQueuedExperiments: 0,
      maxRecordedFeedback: '9007199254740991',
    });
    await setQuota({ maxQueuedExperiments: null, maxRunningExperiments: 3 });
    expect((await projectOf(api)).quota).toEqual({
      maxStorageBytes: 5_000_000_000,
      maxQueuedExperiments: null,
      maxRunningExperiments: 3,
      maxFeedbackTasks: null,
      maxFeedbackItems: null,
      maxRecordedFeedback: 9007199254740991,
    });
  });

  test('refuses what is no limit, all of it at once', async () => {
    const { problems } = await setQuota({ maxStorageBytes: '9007199254740993', maxQueuedExperiments: -1 });
    expect(problems?.map(({ path, code }) => [path.join('.'), code])).toEqual([
      ['maxStorageBytes', 'INVALID_VALUE'],
      ['maxQueuedExperiments', 'INVALID_VALUE'],
    ]);
    expect((await setQuota({ projectSlug: 'nowhere' })).problems).toMatchObject([
      { path: ['projectSlug'], code: 'NOT_FOUND' },
    ]);
  });
});

test('usage counts each file once, whatever refers to it, and leaves out what nothing refers to', async () => {
  await using other = await startTestApi();
  const { dataSource, projectId } = other;
  const file = async (name: string, bytes: number): Promise<string> => {
    await dataSource.query(
      `INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, $2, 'application/octet-stream')`,
      [digest(name), bytes],
    );
    return digest(name);
  };
  expect((await projectOf(other)).usage).toEqual({ storageBytes: 0, queuedExperiments: 0, runningExperiments: 0 });

  // Dataset: Parquet 1, source 2; the upload is the source.
  const { versionIds } = await insertDataset(dataSource, projectId, { name: 'mails' });
  await dataSource.query('UPDATE dataset_versions SET source_digest = $1', [await file('source', 2)]);
  const upload = (digestOfFile: string | null) =>
    dataSource.query(
      `INSERT INTO uploads (id, project_id, file_name, format, token_digests, status, artifact_digest, expires_at)
       VALUES ($1, $2, 'x.csv', 'CSV', ARRAY['x'], $3, $4, now())`,
      [randomUUID(), projectId, digestOfFile === null ? 'WAITING' : 'RECEIVED', digestOfFile],
    );
  await upload(digest('source'));
  await upload(null);
  expect((await projectOf(other)).usage.storageBytes).toBe(3);
  await upload(await file('another upload', 10));
  expect((await projectOf(other)).usage.storageBytes).toBe(13);

  // Model: manifest 1, weights 100, tokenizer 200, adapter 400, a kept file 800.
  const manifest = {
    ...tinyManifest,
    weights: { digest: await file('weights', 100), sizeBytes: 100 },
    tokenizer: { ...tinyManifest.tokenizer, digest: await file('tokenizer', 200) },
    adapter: {
      config: { rank: 1, alpha: 1, rankStabilized: false, dropout: 0, targetModules: ['query'] },
      weights: { digest: await file('adapter', 400), sizeBytes: 400 },
    },
    files: [{ name: 'README.md', digest: await file('readme', 800), sizeBytes: 800 }],
  };
  const model = await insertBaseModel(dataSource, projectId, { name: 'tiny', manifest });
  expect((await projectOf(other)).usage.storageBytes).toBe(1514);
  // A second model of the same files: its manifest, 1.
  await insertBaseModel(dataSource, projectId, { name: 'twin', manifest });
  expect((await projectOf(other)).usage.storageBytes).toBe(1515);

  // A kept checkpoint: manifest 2,000 and tensors 4,000; of a pruned one the manifest, 8,000.
  const { runId } = await createTestExperiment(other, { name: 'one', baseModel: model, version: versionIds[0]! });
  const checkpoint = (own: string, files: string[], isPruned: boolean) =>
    dataSource.query(
      `INSERT INTO checkpoints (id, run_id, attempt, step, digest, artifact_digests, size_bytes, best, pruned_at)
       VALUES ($1, $2, 1, 1, $3, $4, 0, false, $5)`,
      [randomUUID(), runId, own, [own, ...files], isPruned ? new Date() : null],
    );
  await checkpoint(await file('manifest', 2000), [await file('tensors', 4000)], false);
  await checkpoint(await file('old manifest', 8000), [await file('old tensors', 16_000)], true);
  expect((await projectOf(other)).usage.storageBytes).toBe(15_515);

  // An export: the weights again, and a graph of 100,000.
  await dataSource.query(
    `INSERT INTO model_exports (id, project_id, base_model_id, format, status, files) VALUES ($1, $2, $3, 'onnx', 'SUCCEEDED', $4)`,
    [
      randomUUID(),
      projectId,
      model,
      JSON.stringify([
        { name: 'model.onnx', digest: await file('graph', 100_000), sizeBytes: 100_000 },
        { name: 'weights', digest: digest('weights'), sizeBytes: 100 },
      ]),
    ],
  );
  await file('of nobody', 1_000_000);
  expect((await projectOf(other)).usage).toEqual({
    storageBytes: 115_515,
    queuedExperiments: 1,
    runningExperiments: 0,
  });

  // Another project's use of the same files is its own.
  const second = randomUUID();
  await dataSource.query(`INSERT INTO projects (id, slug, name) VALUES ($1, 'second', 'Second')`, [second]);
  await insertBaseModel(dataSource, second, { name: 'copy', manifest });
  expect((await projectOf(other, 'second')).usage.storageBytes).toBe(1501);
});

describe('a limit of experiments that wait', () => {
  test('refuses to create, clone and resume, and leaves nothing of it', async () => {
    const waiting = await create();
    const paused = await create({ name: 'paused' });
    expect(await act('pauseExperiment', paused.id!)).toMatchObject({ __typename: 'Experiment' });
    await setQuota({ maxQueuedExperiments: 1 });
    const count = () => api.dataSource.query('SELECT count(*)::int FROM experiments');
    const before = await count();
    const message = 'The project has reached its limit of waiting experiments: 1.';

    expect(await create({ idempotencyKey: 'later' })).toEqual(exceeded([], message));
    expect(await clone(waiting.id!)).toEqual(exceeded([], message));
    expect(await act('resumeExperiment', paused.id!)).toEqual(exceeded(['experimentId'], message));
    expect(await count()).toEqual(before);
    expect(await act('pauseExperiment', paused.id!)).toMatchObject({ __typename: 'Experiment' });

    await act('cancelExperiment', waiting.id!);
    expect(await act('resumeExperiment', paused.id!)).toMatchObject({ __typename: 'Experiment' });
    await act('cancelExperiment', paused.id!);
    const created = await create({ idempotencyKey: 'later' });
    expect(created).toMatchObject({ __typename: 'Experiment' });
    // A repeated call asks for nothing new.
    expect(await create({ idempotencyKey: 'later' })).toEqual(created);
  });

  test('holds when many are created at once', async () => {
    await setQuota({ maxQueuedExperiments: 3 });
    const results = await Promise.all(Array.from({ length: 8 }, (_, i) => create({ name: `at once ${i}` })));
    expect(results.filter(({ __typename }) => __typename === 'Experiment')).toHaveLength(3);
    expect((await projectOf(api)).usage.queuedExperiments).toBe(3);
  });

  test('a pause that is taken back needs no place', async () => {
    const { id, runId } = await createTestExperiment(api, { name: 'running', baseModel, version });
    await enter(api.dataSource, runId, 'PREPARING');
    await api.dataSource.query(
      `UPDATE jobs SET state = 'claimed', lease_until = now() + interval '1 hour' WHERE run_id = $1`,
      [runId],
    );
    expect((await projectOf(api)).usage).toMatchObject({ queuedExperiments: 0, runningExperiments: 1 });
    await setQuota({ maxQueuedExperiments: 0 });
    await act('pauseExperiment', id);
    expect(await act('resumeExperiment', id)).toMatchObject({ __typename: 'Experiment' });
  });
});

describe('a storage that is used up', () => {
  test('takes no experiment, import and export; at one byte more it takes them', async () => {
    const used = (await projectOf(api)).usage.storageBytes!;
    await setQuota({ maxStorageBytes: used });
    const message = `The project's storage is used up: it holds ${used} bytes, and may hold ${used}.`;
    const importModel = () =>
      mutate('importBaseModel', 'ImportBaseModelInput', { name: 'new', source: { folder: { path: '/models/new' } } });
    const exportModel = () =>
      mutate('exportModel', 'ExportModelInput', { modelId: ids.baseModel(baseModel), format: 'ONNX' });

    for (const refused of [await create(), await importModel(), await exportModel()]) {
      expect(refused).toEqual(exceeded([], message));
    }
    await setQuota({ maxStorageBytes: used + 1 });
    expect((await create()).__typename).toBe('Experiment');
    expect((await importModel()).__typename).toBe('ModelImport');
    expect((await exportModel()).__typename).toBe('ModelExport');
  });
});

test('only an administrator of the server sets quotas; every member sees them', async () => {
  await using served = await startTestApi({ host: '0.0.0.0' });
  const set = /* GraphQL */ `mutation { setProjectQuota(input: { maxQueuedExperiments: 7 }) {
    __typename
    ... on Project { quota { maxQueuedExperiments } }
    ... on Problems { problems { code } } } }`;
  const owner = await insertUser(served.dataSource, 'maya', { roles: { [served.projectId]: 'OWNER' } });
  const viewer = await insertUser(served.dataSource, 'ben', { roles: { [served.projectId]: 'VIEWER' } });
  const administrator = await insertUser(served.dataSource, 'kim', { administrator: true });
  const keyOf = async (userId: string) => (await insertKey(served.dataSource, userId)).secret;

  expect((await served.send(set, {}, await keyOf(owner))).body.data).toEqual({
    setProjectQuota: { __typename: 'Problems', problems: [{ code: 'FORBIDDEN' }] },
  });
  expect((await served.send(set, {}, await keyOf(administrator))).body.data).toEqual({
    setProjectQuota: { __typename: 'Project', quota: { maxQueuedExperiments: 7 } },
  });
  const seen = '{ project { quota { maxQueuedExperiments } usage { queuedExperiments } } }';
  expect((await served.send(seen, {}, await keyOf(viewer))).body.data).toEqual({
    project: { quota: { maxQueuedExperiments: 7 }, usage: { queuedExperiments: 0 } },
  });
  expect(
    await served.dataSource.query(
      `SELECT user_id = $1 AS administrator, outcome, details FROM audit_log WHERE action = 'setProjectQuota' ORDER BY id`,
      [administrator],
    ),
  ).toEqual([
    { administrator: false, outcome: 'REFUSED', details: { projectSlug: 'default', maxQueuedExperiments: '7' } },
    { administrator: true, outcome: 'DONE', details: { projectSlug: 'default', maxQueuedExperiments: '7' } },
  ]);
});

test('quota and usage of many projects take no more statements than of one', async () => {
  const projects = await Promise.all(
    Array.from({ length: 5 }, async (_, i) => {
      const id = randomUUID();
      await api.dataSource.query('INSERT INTO projects (id, slug, name) VALUES ($1, $2, $2)', [id, `p${i}`]);
      return globalId('Project', id);
    }),
  );
  const statements = async (ofIds: readonly string[]): Promise<number> => {
    const spy = spyOnStatements(api);
    await api.request(
      `{ ${ofIds.map((id, i) => `p${i}: node(id: "${id}") { ... on Project { quota { maxStorageBytes } usage { storageBytes queuedExperiments runningExperiments feedbackTasks feedbackItems recordedFeedback } } }`).join('\n')} }`,
    );
    const { length } = spy.texts();
    spy.restore();
    return length;
  };
  expect(await statements(projects)).toBe(await statements(projects.slice(0, 1)));
});
