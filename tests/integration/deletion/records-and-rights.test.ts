import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { deletableObjects } from '../../support/deletable-objects.js';
import { deleteObject } from '../../support/deletions.js';
import { ids, insertBaseModel } from '../../support/rows.js';

let api: TestApi;
let objects: ReturnType<typeof deletableObjects>;
beforeAll(async () => {
  api = await startTestApi();
  objects = deletableObjects(api);
});
afterAll(() => api?.close());

describe('who is told, and who may', () => {
  test('an event tells the project, with the ids of all that went', async () => {
    const { version, experiment, model } = await objects.trained();
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
    const { id, name } = await objects.storedDataset();
    await deleteObject(api, 'Dataset', id);
    const { project } = await api.request<{ project: { auditLog: { nodes: unknown[] } } }>(
      '{ project { auditLog(first: 1) { nodes { action targetId targetName } } } }',
    );
    expect(project.auditLog.nodes).toEqual([{ action: 'deleteDataset', targetId: ids.dataset(id), targetName: name }]);
  });

  test('whoever may train may delete; others may not, and those outside do not learn what was there', async () => {
    const keyOf = async (name: string, roles: Record<string, 'ANNOTATOR' | 'MAINTAINER'>) =>
      (await insertKey(api.dataSource, await insertUser(api.dataSource, name, { roles }))).secret;
    const { id } = await objects.storedDataset();
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
