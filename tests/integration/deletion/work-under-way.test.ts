import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { deletableObjects } from '../../support/deletable-objects.js';
import { countsIn, deleteObject } from '../../support/deletions.js';
import { ids } from '../../support/rows.js';
import { createTestExperiment } from '../../support/runs.js';

let api: TestApi;
let objects: ReturnType<typeof deletableObjects>;
beforeAll(async () => {
  api = await startTestApi();
  objects = deletableObjects(api);
});
afterAll(() => api?.close());

describe('work under way', () => {
  test('is not deleted, and neither is what it works on', async () => {
    const name = objects.fresh('waiting');
    const { id, versionIds } = await objects.storedDataset();
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
    const { model, version } = await objects.trained();
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

  test('a model that an evaluation compares with stays until the evaluation ends; its scores stay without it', async () => {
    const { model, version } = await objects.trained();
    const { model: baseline } = await objects.trained();
    const [evaluation] = await api.dataSource.query(
      `INSERT INTO evaluations (id, project_id, base_model_id, baseline_model_id, dataset_version_id, split, text_column, tasks, status)
       VALUES (gen_random_uuid(), $1, $2, $3, $4, 'test', 'text', '[]', 'RUNNING') RETURNING id`,
      [api.projectId, model, baseline, version],
    );
    const usedBy = [{ kind: 'EVALUATION', objectId: globalId('Evaluation', evaluation.id) }];
    expect((await deleteObject(api, 'BaseModel', baseline)).problems).toMatchObject([{ code: 'IN_USE', usedBy }]);
    await api.dataSource.query(`UPDATE evaluations SET status = 'SUCCEEDED', finished_at = now() WHERE id = $1`, [
      evaluation.id,
    ]);
    expect(await deleteObject(api, 'BaseModel', baseline)).toMatchObject({ kind: 'BASE_MODEL' });
    expect(
      await api.dataSource.query('SELECT baseline_model_id FROM evaluations WHERE id = $1', [evaluation.id]),
    ).toEqual([{ baseline_model_id: null }]);
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
