import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId, parseGlobalId } from '../../../src/graphql/global-id.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { deletableObjects } from '../../support/deletable-objects.js';
import { countsIn, deleteObject } from '../../support/deletions.js';
import { insertEveryKind } from '../../support/every-kind.js';
import { digest, ids, insertBaseModel } from '../../support/rows.js';

let api: TestApi;
let objects: ReturnType<typeof deletableObjects>;
beforeAll(async () => {
  api = await startTestApi();
  objects = deletableObjects(api);
});
afterAll(() => api?.close());

describe('what nothing uses', () => {
  test('a dataset goes with its versions and files, and the storage use falls at once', async () => {
    const { id, versionIds, name } = await objects.storedDataset(2);
    const before = await objects.used();
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
    expect(await objects.used()).toBe(before - 2);
    expect(await api.store.has(digest(`${name} 1`))).toBe(false);
    expect(await objects.exists('datasets', id)).toBe(false);
    const artifacts = await api.dataSource.query('SELECT FROM artifacts WHERE digest = $1', [digest(`${name} 2`)]);
    expect(artifacts).toEqual([]);
  });

  test('deleting again returns what the first call did; what was never there is not found', async () => {
    const { id } = await objects.storedDataset();
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
    const { id } = await objects.storedDataset();
    const answers = await Promise.all([1, 2, 3, 4].map(() => deleteObject(api, 'Dataset', id)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.freedBytes).toBe(1);
  });

  test('a file that another object needs stays, and is not counted', async () => {
    const { id, versionIds } = await objects.storedDataset();
    const other = await objects.storedDataset();
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
    const { id, versionIds } = await objects.storedDataset();
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
    const brought = await insertBaseModel(api.dataSource, api.projectId, { name: objects.fresh('brought') });
    await api.dataSource.query(
      `UPDATE model_imports SET status = 'SUCCEEDED', base_model_id = $2, finished_at = now() WHERE id = $1`,
      [modelImport, brought],
    );
    expect(await deleteObject(api, 'ModelImport', modelImport)).toMatchObject({ freedBytes: 0 });
    expect(await objects.exists('base_models', brought)).toBe(true);
    expect(await deleteObject(api, 'Evaluation', evaluation)).toMatchObject({
      name: 'every kind, trained on test',
      counts: [{ kind: 'EVALUATION', count: 1 }],
    });
    expect(await objects.exists('evaluations', evaluation)).toBe(false);
  });

  test('an experiment whose model was deleted goes with all that was measured', async () => {
    const { experiment, model, runId } = await objects.trained();
    expect(await deleteObject(api, 'BaseModel', model)).toMatchObject({ counts: [{ kind: 'BASE_MODEL', count: 1 }] });
    const { node } = await api.request<{ node: unknown }>(
      'query ($id: ID!) { node(id: $id) { ... on Experiment { status model { name } } } }',
      { id: globalId('Experiment', experiment) },
    );
    expect(node).toEqual({ status: 'SUCCEEDED', model: null });
    expect(countsIn(await deleteObject(api, 'Experiment', experiment))).toEqual({ CHECKPOINT: 1, EXPERIMENT: 1 });
    const [left] = await api.dataSource.query(
      `SELECT (SELECT count(*)::int FROM recorded_points WHERE run_id = $1) + (SELECT count(*)::int FROM run_events WHERE run_id = $1)
            + (SELECT count(*)::int FROM checkpoints WHERE run_id = $1) + (SELECT count(*)::int FROM jobs WHERE run_id = $1) AS rows`,
      [runId],
    );
    expect(left).toEqual({ rows: 0 });
  });

  test('a clone stays, and no longer says where it came from', async () => {
    const { experiment, model } = await objects.trained();
    const clone = await objects.trained();
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
    const { model, version } = await objects.trained();
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
