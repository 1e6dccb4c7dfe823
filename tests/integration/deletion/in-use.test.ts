import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { deletableObjects } from '../../support/deletable-objects.js';
import { countsIn, deleteObject } from '../../support/deletions.js';
import { evaluated } from '../../support/every-kind.js';
import { ids, insertBaseModel } from '../../support/rows.js';

let api: TestApi;
let objects: ReturnType<typeof deletableObjects>;
beforeAll(async () => {
  api = await startTestApi();
  objects = deletableObjects(api);
});
afterAll(() => api?.close());

const inUse = (field: string, users: readonly { kind: string; objectId: string; name: string }[]) => ({
  problems: [{ path: [field], code: 'IN_USE', usedBy: users }],
});

describe('what is used', () => {
  test('is refused with who uses it', async () => {
    const { version, experiment, name, model } = await objects.trained();
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
    expect(await objects.exists('dataset_versions', version)).toBe(true);
  });

  test('of very many users the problem names the newest 20, and pages of dependents name all', async () => {
    const { model, version } = await objects.trained();
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
    const first = await objects.trained();
    const second = await objects.trained({ baseModel: first.model });
    await evaluated(api, second.model, second.version);
    const { setModelAlias } = await api.request<{ setModelAlias: { id: string } }>(
      'mutation ($input: SetModelAliasInput!) { setModelAlias(input: $input) { ... on ModelAlias { id } } }',
      { input: { modelId: ids.baseModel(second.model), name: 'lineage' } },
    );
    const before = await objects.used();
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
    expect(await objects.used()).toBe(before);
    expect(
      (await api.request<{ project: unknown }>('{ project { auditLog { totalCount } lastEventSeq } }')).project,
    ).toEqual(log);
    const did = await deleteObject(api, 'BaseModel', first.baseModel, { cascade: true });
    expect(did).toEqual({ ...would, isDryRun: false, objectIds: expect.arrayContaining([...would.objectIds!]) });
    expect(await objects.used()).toBe(before - did.freedBytes!);
    for (const [table, id] of [
      ['base_models', first.baseModel],
      ['base_models', first.model],
      ['base_models', second.model],
      ['experiments', first.experiment],
      ['experiments', second.experiment],
      ['model_aliases', parseGlobalId(setModelAlias.id)!.uuid],
    ] as const) {
      expect([table, await objects.exists(table, id)]).toEqual([table, false]);
    }
    // The data stay.
    expect(await objects.exists('dataset_versions', first.version)).toBe(true);
    const { project } = await api.request<{ project: { modelAliasMoves: { nodes: unknown[] } } }>(
      '{ project { modelAliasMoves(first: 1) { nodes { alias toModelName } } } }',
    );
    expect(project.modelAliasMoves.nodes).toEqual([{ alias: 'lineage', toModelName: null }]);
  });

  test('a model that an alias stands for is used', async () => {
    const model = await insertBaseModel(api.dataSource, api.projectId, { name: objects.fresh('serving') });
    await api.request('mutation ($input: SetModelAliasInput!) { setModelAlias(input: $input) { __typename } }', {
      input: { modelId: ids.baseModel(model), name: 'in-production' },
    });
    expect((await deleteObject(api, 'BaseModel', model)).problems).toMatchObject([
      { code: 'IN_USE', usedBy: [{ kind: 'MODEL_ALIAS', name: 'in-production' }] },
    ]);
  });

  test('an alias that is moved away at this moment stands for its new model, and stays', async () => {
    const [former, next] = await Promise.all(
      ['former', 'next'].map((what) => insertBaseModel(api.dataSource, api.projectId, { name: objects.fresh(what) })),
    );
    await api.request('mutation ($input: SetModelAliasInput!) { setModelAlias(input: $input) { __typename } }', {
      input: { modelId: ids.baseModel(former!), name: 'moving' },
    });
    const mover = api.dataSource.createQueryRunner();
    await mover.startTransaction();
    await mover.query(`UPDATE model_aliases SET base_model_id = $1 WHERE name = 'moving'`, [next]);
    const deleting = deleteObject(api, 'BaseModel', former!, { cascade: true });
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(() => api.dataSource.query(waiting), { timeout: 10_000 }).not.toHaveLength(0);
    await mover.commitTransaction();
    await mover.release();
    expect(countsIn(await deleting)).toEqual({ BASE_MODEL: 1 });
    const { project } = await api.request<{ project: { modelAlias: unknown } }>(
      '{ project { modelAlias(name: "moving") { model { id } } } }',
    );
    expect(project.modelAlias).toEqual({ model: { id: ids.baseModel(next!) } });
  });

  test('either begins to be used or is deleted, if both are asked for at once', async () => {
    for (let i = 0; i < 6; i += 1) {
      const { id, versionIds } = await objects.storedDataset();
      const baseModel = await insertBaseModel(api.dataSource, api.projectId, { name: objects.fresh('contended') });
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
      expect(await objects.exists('datasets', id)).toBe(!isDeleted);
    }
  });
});
