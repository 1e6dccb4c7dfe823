import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poolQuery } from '../../../src/database/transaction.js';
import { createDeletionService } from '../../../src/deletion/deletion.service.js';
import { sweepFiles } from '../../../src/deletion/sweep-files.js';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { storageOfProjects } from '../../../src/protocol/sql/project-quota.js';
import { keepArtifacts } from '../../../src/storage/keep-artifacts.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { countsIn, deleteObject } from '../../support/deletions.js';
import { evaluated, finishRun, insertEveryKind } from '../../support/every-kind.js';
import { digest, ids, insertBaseModel, insertDataset } from '../../support/rows.js';
import { createTestExperiment } from '../../support/runs.js';

let api: TestApi;
let number = 0;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const fresh = (what: string): string => `${what} ${number++}`;

/** A dataset whose versions have files in the store. */
async function storedDataset(versions = 1): Promise<{ id: string; versionIds: string[]; name: string }> {
  const name = fresh('data');
  const dataset = await insertDataset(api.dataSource, api.projectId, { name, versions });
  for (let i = 1; i <= versions; i += 1) await api.store.write(Buffer.from(`${name} ${i}`));
  return { ...dataset, name };
}

/** An experiment that has ended, its model, and what they are made from. */
async function trained(given: { baseModel?: string; version?: string } = {}) {
  const name = fresh('experiment');
  const version = given.version ?? (await storedDataset()).versionIds[0]!;
  const baseModel =
    given.baseModel ?? (await insertBaseModel(api.dataSource, api.projectId, { name: fresh('base model') }));
  const experiment = await createTestExperiment(api, { name, baseModel, version });
  await finishRun(api.dataSource, experiment.runId);
  const heads = [{ kind: 'classification' as const, task: 'label', labels: ['ham', 'spam'] }];
  const model = await insertBaseModel(api.dataSource, api.projectId, {
    name: fresh('model'),
    producedByRunId: experiment.runId,
    heads,
  });
  return { name, version, baseModel, model, experiment: parseGlobalId(experiment.id)!.uuid, runId: experiment.runId };
}

async function exists(table: string, id: string): Promise<boolean> {
  const rows = await api.dataSource.query(`SELECT FROM ${table} WHERE id = $1`, [id]);
  return rows.length === 1;
}

const used = async (): Promise<number> =>
  (await storageOfProjects(poolQuery(api.dataSource), [api.projectId]))[0]?.bytes ?? 0;

const inUse = (field: string, users: readonly { kind: string; objectId: string; name: string }[]) => ({
  problems: [{ path: [field], code: 'IN_USE', usedBy: users }],
});

describe('what nothing uses', () => {
  test('a dataset goes with its versions and files, and the storage use falls at once', async () => {
    const { id, versionIds, name } = await storedDataset(2);
    const before = await used();
    const answer = await deleteObject(api, 'Dataset', id);
    expect(answer).toEqual({
      kind: 'DATASET',
      objectId: ids.dataset(id),
      name,
      isDryRun: false,
      counts: [
        { kind: 'DATASET', count: 1 },
        { kind: 'DATASET_VERSION', count: 2 },
      ],
      freedBytes: 2,
      objectIds: expect.arrayContaining([ids.dataset(id), ...versionIds.map(ids.version)]),
    });
    expect(await used()).toBe(before - 2);
    expect(await api.store.has(digest(`${name} 1`))).toBe(false);
    expect(await exists('datasets', id)).toBe(false);
    const artifacts = await api.dataSource.query('SELECT FROM artifacts WHERE digest = $1', [digest(`${name} 2`)]);
    expect(artifacts).toEqual([]);
  });

  test('deleting again returns what the first call did; what was never there is not found', async () => {
    const { id } = await storedDataset();
    const first = await deleteObject(api, 'Dataset', id);
    expect(await deleteObject(api, 'Dataset', id)).toEqual(first);
    expect(await deleteObject(api, 'Dataset', randomUUID())).toEqual({
      problems: [{ path: ['datasetId'], code: 'NOT_FOUND', usedBy: [] }],
    });
    const { project } = await api.request<{
      project: { auditLog: { nodes: { action: string; targetName: string }[] } };
    }>('{ project { auditLog(first: 1) { nodes { action targetName } } } }');
    // One entry, that of the first call.
    expect(project.auditLog.nodes).toEqual([{ action: 'deleteDataset', targetName: first.name }]);
  });

  test('several who delete it at once get one answer', async () => {
    const { id } = await storedDataset();
    const answers = await Promise.all([1, 2, 3, 4].map(() => deleteObject(api, 'Dataset', id)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.freedBytes).toBe(1);
  });

  test('a file that another object needs stays, and is not counted', async () => {
    const { id, versionIds } = await storedDataset();
    const other = await storedDataset();
    await api.dataSource.query(
      'UPDATE dataset_versions SET digest = (SELECT digest FROM dataset_versions WHERE id = $2) WHERE id = $1',
      [versionIds[0], other.versionIds[0]],
    );
    expect((await deleteObject(api, 'Dataset', id)).freedBytes).toBe(1);
    expect(await api.store.has(digest(`${other.name} 1`))).toBe(true);
    expect((await deleteObject(api, 'Dataset', other.id)).freedBytes).toBe(1);
    expect(await api.store.has(digest(`${other.name} 1`))).toBe(false);
  });

  test('the upload that a version was made from goes with it: nothing else needs its file', async () => {
    const { id, versionIds } = await storedDataset();
    const source = digest(`source of ${id}`);
    await api.store.write(Buffer.from(`source of ${id}`));
    await api.dataSource.query(
      `INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, 40, 'application/octet-stream')`,
      [source],
    );
    await api.dataSource.query('UPDATE dataset_versions SET source_digest = $2 WHERE id = $1', [versionIds[0], source]);
    await api.dataSource.query(
      `INSERT INTO uploads (id, project_id, file_name, format, token_digests, status, artifact_digest, size_bytes, expires_at)
       VALUES (gen_random_uuid(), $1, 'rows.csv', 'CSV', ARRAY[$2], 'CONSUMED', $2, 40, now())`,
      [api.projectId, source],
    );
    const answer = await deleteObject(api, 'Dataset', id);
    expect(answer.freedBytes).toBe(41);
    expect(countsIn(answer)).toEqual({ DATASET: 1, DATASET_VERSION: 1, UPLOAD: 1 });
    expect(await api.store.has(source)).toBe(false);
  });

  test('an export goes with its files, an import without the model that it brought', async () => {
    const kinds = await insertEveryKind(api);
    const [modelExport, modelImport, evaluation] = (['ModelExport', 'ModelImport', 'Evaluation'] as const).map(
      (type) => parseGlobalId(kinds[type])!.uuid,
    ) as [string, string, string];
    expect(await deleteObject(api, 'ModelExport', modelExport)).toMatchObject({
      kind: 'MODEL_EXPORT',
      freedBytes: 1,
      counts: [{ kind: 'MODEL_EXPORT', count: 1 }],
    });
    const brought = await insertBaseModel(api.dataSource, api.projectId, { name: fresh('brought') });
    await api.dataSource.query(
      `UPDATE model_imports SET status = 'SUCCEEDED', base_model_id = $2, finished_at = now() WHERE id = $1`,
      [modelImport, brought],
    );
    expect(await deleteObject(api, 'ModelImport', modelImport)).toMatchObject({ freedBytes: 0 });
    expect(await exists('base_models', brought)).toBe(true);
    expect(await deleteObject(api, 'Evaluation', evaluation)).toMatchObject({
      name: 'every kind, trained on test',
      counts: [{ kind: 'EVALUATION', count: 1 }],
    });
    expect(await exists('evaluations', evaluation)).toBe(false);
  });

  test('an experiment whose model was deleted goes with all that was measured', async () => {
    const { experiment, model, runId } = await trained();
    expect(await deleteObject(api, 'BaseModel', model)).toMatchObject({ counts: [{ kind: 'BASE_MODEL', count: 1 }] });
    const { node } = await api.request<{ node: unknown }>(
      'query ($id: ID!) { node(id: $id) { ... on Experiment { status model { name } } } }',
      { id: globalId('Experiment', experiment) },
    );
    expect(node).toEqual({ status: 'SUCCEEDED', model: null });
    expect(countsIn(await deleteObject(api, 'Experiment', experiment))).toEqual({ CHECKPOINT: 1, EXPERIMENT: 1 });
    const [left] = await api.dataSource.query(
      `SELECT (SELECT count(*)::int FROM metric_points WHERE run_id = $1) + (SELECT count(*)::int FROM run_events WHERE run_id = $1)
            + (SELECT count(*)::int FROM checkpoints WHERE run_id = $1) + (SELECT count(*)::int FROM jobs WHERE run_id = $1) AS rows`,
      [runId],
    );
    expect(left).toEqual({ rows: 0 });
  });

  test('a clone stays, and no longer says where it came from', async () => {
    const { experiment, model } = await trained();
    const clone = await trained();
    await api.dataSource.query('UPDATE experiments SET cloned_from_id = $2 WHERE id = $1', [
      clone.experiment,
      experiment,
    ]);
    await deleteObject(api, 'BaseModel', model);
    expect(await deleteObject(api, 'Experiment', experiment)).toMatchObject({ kind: 'EXPERIMENT' });
    const { node } = await api.request<{ node: unknown }>(
      'query ($id: ID!) { node(id: $id) { ... on Experiment { clonedFrom { id } } } }',
      { id: globalId('Experiment', clone.experiment) },
    );
    expect(node).toEqual({ clonedFrom: null });
  });

  test('a creation that is repeated after its object was deleted says so', async () => {
    const { model, version } = await trained();
    const input = {
      modelId: ids.baseModel(model),
      datasetVersionId: ids.version(version),
      textColumn: 'text',
      tasks: [{ task: 'label', labelColumn: 'label' }],
      idempotencyKey: 'once',
    };
    const evaluate = () =>
      api.request<{ evaluate: { id?: string; problems?: unknown } }>(
        'mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { id } ... on Problems { problems { code } } } }',
        { input },
      );
    const { id } = (await evaluate()).evaluate;
    expect(countsIn(await deleteObject(api, 'Evaluation', parseGlobalId(id!)!.uuid))).toEqual({ EVALUATION: 1 });
    expect(await evaluate()).toEqual({ evaluate: { problems: [{ code: 'NOT_FOUND' }] } });
  });
});

describe('what is used', () => {
  test('is refused with who uses it', async () => {
    const { version, experiment, name, model } = await trained();
    const experimentReference = { kind: 'EXPERIMENT', objectId: globalId('Experiment', experiment), name };
    expect(await deleteObject(api, 'DatasetVersion', version)).toEqual(
      inUse('datasetVersionId', [experimentReference]),
    );
    const [{ dataset_id: dataset }] = await api.dataSource.query(
      'SELECT dataset_id FROM dataset_versions WHERE id = $1',
      [version],
    );
    expect(await deleteObject(api, 'Dataset', dataset)).toEqual(inUse('datasetId', [experimentReference]));
    const [{ name: modelName }] = await api.dataSource.query('SELECT name FROM base_models WHERE id = $1', [model]);
    expect(await deleteObject(api, 'Experiment', experiment)).toEqual(
      inUse('experimentId', [{ kind: 'BASE_MODEL', objectId: ids.baseModel(model), name: modelName }]),
    );
    expect(await exists('dataset_versions', version)).toBe(true);
  });

  test('of very many users the problem names the newest 20, and pages of dependents name all', async () => {
    const { model, version } = await trained();
    await api.dataSource.query(
      `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, created_at)
       SELECT gen_random_uuid(), $1, $2, $3, 'split ' || n, 'text', '[]', 'SUCCEEDED', now() + n * interval '1 second'
         FROM generate_series(1, 25) AS n`,
      [api.projectId, model, version],
    );
    const { problems } = await deleteObject(api, 'BaseModel', model);
    expect(problems?.[0]?.usedBy.map(({ name }) => name.split(' on ')[1])).toEqual(
      Array.from({ length: 20 }, (_, i) => `split ${25 - i}`),
    );
    interface Page {
      readonly totalCount: number;
      readonly nodes: readonly { readonly name: string }[];
      readonly pageInfo: { readonly endCursor: string };
    }
    const page = async (after: string | null) =>
      (
        await api.request<{ node: { dependents: Page } }>(
          `query ($id: ID!, $after: String) { node(id: $id) { ... on BaseModel {
             dependents(first: 15, after: $after) { totalCount nodes { name } pageInfo { endCursor } } } } }`,
          { id: ids.baseModel(model), after },
        )
      ).node.dependents;
    const first = await page(null);
    const second = await page(first.pageInfo.endCursor);
    expect(first.totalCount).toBe(25);
    expect([...first.nodes, ...second.nodes].map(({ name }) => name.split(' on ')[1])).toEqual(
      Array.from({ length: 25 }, (_, i) => `split ${25 - i}`),
    );
  });

  test('goes with all that comes from it, if that is asked for; a dry run tells the same before, and does nothing', async () => {
    const first = await trained();
    const second = await trained({ baseModel: first.model });
    await evaluated(api, second.model, second.version);
    const { setModelAlias } = await api.request<{ setModelAlias: { id: string } }>(
      'mutation ($input: SetModelAliasInput!) { setModelAlias(input: $input) { ... on ModelAlias { id } } }',
      { input: { modelId: ids.baseModel(second.model), name: 'lineage' } },
    );
    const before = await used();
    const { project: log } = await api.request<{ project: { auditLog: { totalCount: number }; lastEventSeq: number } }>(
      '{ project { auditLog { totalCount } lastEventSeq } }',
    );
    const would = await deleteObject(api, 'BaseModel', first.baseModel, { cascade: true, dryRun: true });
    expect(countsIn(would)).toEqual({
      BASE_MODEL: 3,
      CHECKPOINT: 2,
      EVALUATION: 1,
      EXPERIMENT: 2,
      MODEL_ALIAS: 1,
    });
    expect(would.isDryRun).toBe(true);
    expect(await used()).toBe(before);
    expect(
      (await api.request<{ project: unknown }>('{ project { auditLog { totalCount } lastEventSeq } }')).project,
    ).toEqual(log);
    const did = await deleteObject(api, 'BaseModel', first.baseModel, { cascade: true });
    expect(did).toEqual({ ...would, isDryRun: false, objectIds: expect.arrayContaining([...would.objectIds!]) });
    expect(await used()).toBe(before - did.freedBytes!);
    for (const [table, id] of [
      ['base_models', first.baseModel],
      ['base_models', first.model],
      ['base_models', second.model],
      ['experiments', first.experiment],
      ['experiments', second.experiment],
      ['model_aliases', parseGlobalId(setModelAlias.id)!.uuid],
    ] as const) {
      expect([table, await exists(table, id)]).toEqual([table, false]);
    }
    // The data stay.
    expect(await exists('dataset_versions', first.version)).toBe(true);
    const { project } = await api.request<{ project: { modelAliasMoves: { nodes: unknown[] } } }>(
      '{ project { modelAliasMoves(first: 1) { nodes { alias toModelName } } } }',
    );
    expect(project.modelAliasMoves.nodes).toEqual([{ alias: 'lineage', toModelName: null }]);
  });

  test('a model that an alias stands for is used', async () => {
    const model = await insertBaseModel(api.dataSource, api.projectId, { name: fresh('serving') });
    await api.request('mutation ($input: SetModelAliasInput!) { setModelAlias(input: $input) { __typename } }', {
      input: { modelId: ids.baseModel(model), name: 'in-production' },
    });
    expect((await deleteObject(api, 'BaseModel', model)).problems).toMatchObject([
      { code: 'IN_USE', usedBy: [{ kind: 'MODEL_ALIAS', name: 'in-production' }] },
    ]);
  });

  test('either begins to be used or is deleted, if both are asked for at once', async () => {
    for (let i = 0; i < 6; i += 1) {
      const { id, versionIds } = await storedDataset();
      const baseModel = await insertBaseModel(api.dataSource, api.projectId, { name: fresh('contended') });
      const create = api.request<{ createExperiment: { __typename: string } }>(
        'mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { __typename ... on Problems { problems { code } } } }',
        {
          input: {
            name: 'contended',
            baseModelId: ids.baseModel(baseModel),
            datasetVersionId: ids.version(versionIds[0]!),
            method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
          },
        },
      );
      const [{ createExperiment }, deletion] = await Promise.all([create, deleteObject(api, 'Dataset', id)]);
      const isDeleted = deletion.problems === undefined;
      expect(createExperiment.__typename).toBe(isDeleted ? 'Problems' : 'Experiment');
      expect(await exists('datasets', id)).toBe(!isDeleted);
    }
  });
});

describe('work under way', () => {
  test('is not deleted, and neither is what it works on', async () => {
    const name = fresh('waiting');
    const { id, versionIds } = await storedDataset();
    const experiment = await createTestExperiment(api, { name, version: versionIds[0]! });
    const working = { code: 'CONFLICT', usedBy: [{ kind: 'EXPERIMENT', objectId: experiment.id, name }] };
    const uuid = parseGlobalId(experiment.id)!.uuid;
    expect((await deleteObject(api, 'Experiment', uuid)).problems).toEqual([{ path: ['experimentId'], ...working }]);
    expect((await deleteObject(api, 'Dataset', id, { cascade: true })).problems).toEqual([
      { path: ['datasetId'], ...working },
    ]);
    await api.request('mutation ($id: ID!) { cancelExperiment(input: { experimentId: $id }) { __typename } }', {
      id: experiment.id,
    });
    expect(countsIn(await deleteObject(api, 'Dataset', id, { cascade: true }))).toEqual({
      DATASET: 1,
      DATASET_VERSION: 1,
      EXPERIMENT: 1,
    });
  });

  test('an evaluation that waits goes with its job; one that a worker has does not', async () => {
    const { model, version } = await trained();
    const evaluate = async () => {
      const { evaluate: made } = await api.request<{ evaluate: { id: string } }>(
        'mutation ($input: EvaluateInput!) { evaluate(input: $input) { ... on Evaluation { id } } }',
        {
          input: {
            modelId: ids.baseModel(model),
            datasetVersionId: ids.version(version),
            textColumn: 'text',
            tasks: [{ task: 'label', labelColumn: 'label' }],
          },
        },
      );
      return parseGlobalId(made.id)!.uuid;
    };
    const [waiting, running] = [await evaluate(), await evaluate()];
    await api.dataSource.query(`UPDATE jobs SET state = 'claimed' WHERE evaluation_id = $1`, [running]);
    await api.dataSource.query(`UPDATE evaluations SET status = 'RUNNING' WHERE id = $1`, [running]);
    expect((await deleteObject(api, 'Evaluation', running)).problems).toMatchObject([{ code: 'CONFLICT' }]);
    expect(await deleteObject(api, 'Evaluation', waiting)).toMatchObject({ kind: 'EVALUATION' });
    expect(await api.dataSource.query('SELECT FROM jobs WHERE evaluation_id = $1', [waiting])).toEqual([]);
  });

  test('imports and exports that have not ended are refused', async () => {
    const [row] = await api.dataSource.query(
      `INSERT INTO model_imports (id, project_id, name, source, status) VALUES (gen_random_uuid(), $1, 'pending', '{}', 'QUEUED') RETURNING id`,
      [api.projectId],
    );
    expect((await deleteObject(api, 'ModelImport', row.id)).problems).toMatchObject([
      { path: ['importId'], code: 'CONFLICT', usedBy: [{ kind: 'MODEL_IMPORT', name: 'pending' }] },
    ]);
  });
});

describe('files', () => {
  const failing = () =>
    createDeletionService({
      dataSource: api.dataSource,
      store: { remove: () => Promise.reject(new Error('The disk is away.')) },
      onSweepFailed: () => undefined,
    });
  const plainly = { cascade: false, dryRun: false };

  test('that could not be removed are removed by the next sweep: the deletion is done', async () => {
    const { id, name } = await storedDataset();
    expect(await failing().delete('Dataset', id, plainly, [])).toMatchObject({ freedBytes: 1 });
    expect(await exists('datasets', id)).toBe(false);
    expect(await api.store.has(digest(`${name} 1`))).toBe(true);
    expect(await sweepFiles(api.dataSource, api.store)).toBe(1);
    expect(await api.store.has(digest(`${name} 1`))).toBe(false);
    expect(await sweepFiles(api.dataSource, api.store)).toBe(0);
  });

  test('that somebody begins to need meanwhile stay', async () => {
    const { id, name } = await storedDataset();
    const file = digest(`${name} 1`);
    await failing().delete('Dataset', id, plainly, []);
    const other = await storedDataset();
    const runner = api.dataSource.createQueryRunner();
    await runner.startTransaction();
    const query = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
      (await runner.query(sql, [...parameters], true)).records as Row[];
    await keepArtifacts(query, api.store, [{ digest: file, sizeBytes: 1, mediaType: 'application/octet-stream' }]);
    const sweeping = sweepFiles(api.dataSource, api.store);
    await query('UPDATE dataset_versions SET digest = $2 WHERE id = $1', [other.versionIds[0], file]);
    await runner.commitTransaction();
    await runner.release();
    expect(await sweeping).toBe(0);
    expect(await api.store.has(file)).toBe(true);
    // Noted again when its new user goes.
    expect((await deleteObject(api, 'Dataset', other.id)).freedBytes).toBe(2);
    expect(await api.store.has(file)).toBe(false);
  });
});

describe('who is told, and who may', () => {
  test('an event tells the project, with the ids of all that went', async () => {
    const { version, experiment, model } = await trained();
    const [{ dataset_id: dataset }] = await api.dataSource.query(
      'SELECT dataset_id FROM dataset_versions WHERE id = $1',
      [version],
    );
    const { name } = await deleteObject(api, 'Dataset', dataset, { cascade: true });
    const { project } = await api.request<{ project: { events: { events: { objectIds: string[] }[] } } }>(
      `{ project { events(first: 1000, kinds: [OBJECT_DELETED]) { events { ... on ObjectDeleted {
         objectKind objectId name objectIds } } } } }`,
    );
    const last = project.events.events.at(-1)!;
    expect(last).toMatchObject({ objectKind: 'DATASET', objectId: ids.dataset(dataset), name });
    expect(last.objectIds.toSorted()).toEqual(
      [ids.dataset(dataset), ids.version(version), globalId('Experiment', experiment), ids.baseModel(model)].toSorted(),
    );
  });

  test('the audit log names what was deleted, by its name', async () => {
    const { id, name } = await storedDataset();
    await deleteObject(api, 'Dataset', id);
    const { project } = await api.request<{ project: { auditLog: { nodes: unknown[] } } }>(
      '{ project { auditLog(first: 1) { nodes { action targetId targetName } } } }',
    );
    expect(project.auditLog.nodes).toEqual([{ action: 'deleteDataset', targetId: ids.dataset(id), targetName: name }]);
  });

  test('whoever may train may delete; others may not, and those outside do not learn what was there', async () => {
    const keyOf = async (name: string, roles: Record<string, 'ANNOTATOR' | 'MAINTAINER'>) =>
      (await insertKey(api.dataSource, await insertUser(api.dataSource, name, { roles }))).secret;
    const { id } = await storedDataset();
    const annotator = await keyOf('annotator', { [api.projectId]: 'ANNOTATOR' });
    const outsider = await keyOf('outsider', {});
    const refused = (code: string) => [expect.objectContaining({ code })];
    expect((await deleteObject(api, 'Dataset', id, { dryRun: true }, annotator)).problems).toEqual(
      refused('FORBIDDEN'),
    );
    expect((await deleteObject(api, 'Dataset', id, {}, outsider)).problems).toEqual(refused('NOT_FOUND'));
    const maintainer = await keyOf('maintainer', { [api.projectId]: 'MAINTAINER' });
    expect(await deleteObject(api, 'Dataset', id, {}, maintainer)).toMatchObject({ freedBytes: 1 });
    expect((await deleteObject(api, 'Dataset', id, {}, outsider)).problems).toEqual(refused('NOT_FOUND'));
    expect((await deleteObject(api, 'Dataset', id, {}, annotator)).problems).toEqual(refused('FORBIDDEN'));
  });

  test('the model that came with the server stays in the project that gets it again', async () => {
    const model = await insertBaseModel(api.dataSource, api.projectId, { name: 'use-lite' });
    await api.dataSource.query(`UPDATE base_models SET source = 'npm:a-package@1' WHERE id = $1`, [model]);
    expect((await deleteObject(api, 'BaseModel', model)).problems).toMatchObject([{ code: 'CONFLICT' }]);
  });
});
