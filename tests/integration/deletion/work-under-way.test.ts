import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { deletableObjects } from '../../support/deletable-objects.js';
import { countsIn, deleteObject, deleteProject } from '../../support/deletions.js';
import { createFeedbackTask } from '../../support/feedback.js';
import { ids, insertBaseModel, insertDataset, tinyLlama } from '../../support/rows.js';
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

  test('an evaluation of judged answers holds its reference from when it is queued', async () => {
    const add = (name: string) =>
      insertBaseModel(api.dataSource, api.projectId, { name: objects.fresh(name), manifest: tinyLlama });
    const [model, reference] = [await add('policy'), await add('reference')];
    const { versionIds } = await objects.storedDataset();
    const evaluate = async () => {
      const { evaluate: made } = await api.request<{ evaluate: { id?: string; problems?: { code: string }[] } }>(
        `mutation ($input: EvaluateInput!) { evaluate(input: $input) {
           ... on Evaluation { id } ... on Problems { problems { code path message } } } }`,
        {
          input: {
            modelId: ids.baseModel(model),
            datasetVersionId: ids.version(versionIds[0]!),
            preference: { pairs: { chosenColumn: 'text', rejectedColumn: 'label' } },
            preferenceReading: { referenceId: ids.baseModel(reference) },
          },
        },
      );
      return made;
    };
    // One that is asked for while the reference is being deleted waits for that, and then finds it gone.
    const deleting = api.dataSource.createQueryRunner();
    await deleting.startTransaction();
    await deleting.query('SELECT FROM base_models WHERE id = $1 FOR UPDATE', [reference]);
    const asked = evaluate();
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(() => api.dataSource.query(waiting), { timeout: 10_000 }).not.toHaveLength(0);
    await deleting.query('DELETE FROM base_models WHERE id = $1', [reference]);
    const before = await api.dataSource.query('SELECT count(*)::int AS count FROM jobs');
    await deleting.commitTransaction();
    await deleting.release();
    expect((await asked).problems).toMatchObject([{ code: 'CONFLICT' }]);
    expect(await api.dataSource.query('SELECT count(*)::int AS count FROM jobs')).toEqual(before);
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

  test('what items of a feedback task are made of, and by which models, stays until they are made', async () => {
    const { id: datasetId, versionIds } = await objects.storedDataset();
    const version = ids.version(versionIds[0]!);
    const reward = { kind: 'reward', task: 'reward', mean: 0, scale: 1, evidence: null, templateTime: null } as const;
    const add = (name: string, options: Partial<Parameters<typeof insertBaseModel>[2]>) =>
      insertBaseModel(api.dataSource, api.projectId, { ...options, name: objects.fresh(name) });
    const [judge, other, writer] = [
      await add('judge', { heads: [reward] }),
      await add('judge', { heads: [reward] }),
      await add('writer', { manifest: tinyLlama }),
    ];
    const { model: classifier } = await objects.trained();
    const variant = { modelId: ids.baseModel(writer), sampling: {}, maxTokens: 4, samples: 2 };
    const pairs = { rewardModelIds: [ids.baseModel(judge), ids.baseModel(other)], by: 'GAP_VARIANCE' };
    const tasks = [
      {
        question: { pairwise: {} },
        source: { rows: { answerColumns: ['text', 'label'], rankedBy: pairs } },
        models: [judge, other],
      },
      {
        question: { labels: { classes: ['ham', 'spam'] } },
        source: { predictions: { modelId: ids.baseModel(classifier), textColumn: 'text' } },
        models: [classifier],
      },
      {
        question: { pairwise: {} },
        source: { generations: { promptColumn: 'text', variants: [variant] } },
        models: [writer],
      },
    ];
    for (const { question, source, models } of tasks) {
      const [[kind, asked]] = Object.entries(source) as [[string, object]];
      const name = objects.fresh('asks');
      const made = { [kind]: { datasetVersionId: version, ...asked } };
      const task = await createFeedbackTask(api, { name, question, source: made });
      const working = [{ code: 'CONFLICT', usedBy: [{ kind: 'FEEDBACK_TASK', objectId: task, name }] }];
      for (const model of models) {
        expect((await deleteObject(api, 'BaseModel', model, { cascade: true })).problems).toMatchObject(working);
      }
      expect((await deleteObject(api, 'Dataset', datasetId, { cascade: true })).problems).toMatchObject(working);
      await api.request('mutation ($id: ID!) { closeFeedbackTask(input: { taskId: $id }) { __typename } }', {
        id: task,
      });
      for (const model of models) {
        expect(countsIn(await deleteObject(api, 'BaseModel', model, { cascade: true }))).toMatchObject({
          BASE_MODEL: 1,
        });
      }
    }
    expect(countsIn(await deleteObject(api, 'Dataset', datasetId, { cascade: true }))).toMatchObject({ DATASET: 1 });
  });

  test('a model that an evaluation, a report or a preparation reads beside others stays until they end', async () => {
    const { model, version } = await objects.trained();
    const reads = async (kind: 'EVALUATION' | 'DATASET_REPORT' | 'PREPARATION', insert: string, end: string) => {
      const other = await insertBaseModel(api.dataSource, api.projectId, { name: objects.fresh('read') });
      const [{ digest }] = await api.dataSource.query('SELECT digest FROM base_models WHERE id = $1', [other]);
      const [{ id }] = await api.dataSource.query(insert, [api.projectId, version, JSON.stringify({ other, digest })]);
      const { problems } = await deleteObject(api, 'BaseModel', other);
      expect(problems).toMatchObject([{ code: 'CONFLICT', usedBy: [{ kind }] }]);
      await api.dataSource.query(end, [id]);
      expect(await deleteObject(api, 'BaseModel', other)).toMatchObject({ kind: 'BASE_MODEL' });
    };
    await reads(
      'EVALUATION',
      `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, preference_reading)
       SELECT gen_random_uuid(), $1, '${model}', $2, 'test', 'text', '[]', 'QUEUED',
              jsonb_build_object('referenceDigest', $3::jsonb -> 'digest') RETURNING id`,
      `UPDATE evaluations SET status = 'SUCCEEDED', finished_at = now() WHERE id = $1`,
    );
    const report = (request: string) =>
      `INSERT INTO dataset_reports (id, project_id, dataset_version_id, request, status)
       SELECT gen_random_uuid(), $1, $2, ${request}, 'RUNNING' RETURNING id`;
    const endReport = `UPDATE dataset_reports SET status = 'CANCELED', finished_at = now() WHERE id = $1`;
    await reads('DATASET_REPORT', report(`jsonb_build_object('modelDigest', $3::jsonb -> 'digest')`), endReport);
    const feature = `jsonb_build_object('featureModel', jsonb_build_object('modelId', $3::jsonb -> 'other'))`;
    await reads('DATASET_REPORT', report(feature), endReport);
    const masked = `jsonb_build_array(jsonb_build_object('modelDigest', $3::jsonb -> 'digest'))`;
    for (const step of [
      `jsonb_build_object('kind', 'filterLength', 'model', $3::jsonb -> 'digest')`,
      `jsonb_build_object('kind', 'augmentText', 'methods', ${masked})`,
      `jsonb_build_object('kind', 'balanceLabels', 'change', jsonb_build_object('methods', ${masked}))`,
    ]) {
      await reads(
        'PREPARATION',
        `INSERT INTO preparations (id, project_id, target, sources, recipe, status)
         SELECT gen_random_uuid(), $1, jsonb_build_object('kind', 'rows', 'of', $2::uuid), '[]', jsonb_build_array(${step}), 'QUEUED'
         RETURNING id`,
        `UPDATE preparations SET status = 'CANCELED', finished_at = now() WHERE id = $1`,
      );
    }
  });

  test('a project goes with tasks whose items are being made', async () => {
    const [{ id: projectId }] = await api.dataSource.query(
      `INSERT INTO projects (id, slug, name) VALUES (gen_random_uuid(), 'asking', 'Asking') RETURNING id`,
    );
    const { versionIds } = await insertDataset(api.dataSource, projectId, { name: 'rows' });
    await createFeedbackTask(api, {
      projectSlug: 'asking',
      name: 'asks',
      question: { thumbs: {} },
      source: { rows: { datasetVersionId: ids.version(versionIds[0]!), answerColumns: ['text'] } },
    });
    const deleted = await deleteProject(api, { projectSlug: 'asking', cascade: true });
    expect(countsIn(deleted)).toMatchObject({ PROJECT: 1, FEEDBACK_TASK: 1 });
  });
});
