import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { channels } from '../../../src/protocol/channels.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertBaseModel } from '../../support/rows.js';
import { spyOnStatements } from '../../support/statements.js';

interface State {
  status: string;
  progress: { bytesDone: number } | null;
  model: { name: string } | null;
}

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const subscription =
  'subscription ($id: ID!) { modelImportChanged(importId: $id) { status progress { bytesDone } model { name } } }';

async function addImport(name: string): Promise<string> {
  const id = randomUUID();
  await api.dataSource.query(
    `INSERT INTO model_imports (id, project_id, name, source, status) VALUES ($1, $2, $3, '{"kind":"folder","path":"/m"}', 'QUEUED')`,
    [id, api.projectId, name],
  );
  return id;
}

/** A change as a worker writes it: the row and its notification in one transaction. */
async function change(id: string, assignments: string, parameters: unknown[] = []): Promise<void> {
  await api.dataSource.transaction(async (manager) => {
    await manager.query(`UPDATE model_imports SET ${assignments} WHERE id = $1`, [id, ...parameters]);
    await manager.query('SELECT pg_notify($1, $2)', [channels.transfers, id]);
  });
}

function follow(id: string) {
  return api
    .connect()
    .iterate<{ modelImportChanged: State }>({ query: subscription, variables: { id: globalId('ModelImport', id) } });
}

test('a subscriber gets the present state, then each change it waits for, then the end', async () => {
  const id = await addImport('watched');
  const states = follow(id);
  const next = async () => (await states.next()).value?.data?.modelImportChanged;
  expect(await next()).toEqual({ status: 'QUEUED', progress: null, model: null });
  await change(id, `status = 'RUNNING'`);
  expect(await next()).toMatchObject({ status: 'RUNNING' });
  await change(id, `progress = '{"bytesDone": 7, "bytesTotal": 10, "currentFile": null}'`);
  expect(await next()).toMatchObject({ progress: { bytesDone: 7 } });
  const model = await insertBaseModel(api.dataSource, api.projectId, { name: 'watched' });
  await change(id, `status = 'SUCCEEDED', base_model_id = $2`, [model]);
  expect(await next()).toEqual({ status: 'SUCCEEDED', progress: { bytesDone: 7 }, model: { name: 'watched' } });
  expect((await states.next()).done).toBe(true);
});

test('a subscriber that comes after the end gets the last state alone', async () => {
  const id = await addImport('over');
  await change(id, `status = 'CANCELED'`);
  const seen: (string | undefined)[] = [];
  for await (const { data } of follow(id)) seen.push(data?.modelImportChanged.status);
  expect(seen).toEqual(['CANCELED']);
});

test('changes faster than anyone reads are merged, and the last one is always seen', async () => {
  const id = await addImport('fast');
  const seen: number[] = [];
  const states = follow(id);
  await states.next();
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      change(id, `status = 'RUNNING', progress = $2`, [{ bytesDone: i + 1, bytesTotal: 50, currentFile: null }]),
    ),
  );
  await change(id, `status = 'FAILED', progress = '{"bytesDone": 99, "bytesTotal": 99, "currentFile": null}'`);
  let last: State | undefined;
  for await (const { data } of states) {
    last = data?.modelImportChanged;
    seen.push(last?.progress?.bytesDone ?? 0);
    if (last?.status === 'FAILED') break;
  }
  expect(last).toMatchObject({ status: 'FAILED' });
  expect(seen.length).toBeLessThanOrEqual(52);
});

test('what does not exist can not be followed', async () => {
  const states = follow(randomUUID());
  const answer = await states.next();
  expect(answer.value?.errors?.[0]?.extensions?.code).toBe('NOT_FOUND');
});

test('lists of imports and exports take as many statements for many as for few', async () => {
  const model = await insertBaseModel(api.dataSource, api.projectId, { name: 'exported' });
  const statements = async () => {
    const spy = spyOnStatements(api);
    await api.request(
      `query ($id: ID!) {
         project { name
           modelImports { totalCount nodes { name status model { name } adapterBaseModel { name } } }
           modelExports { totalCount nodes { status files { name } model { name } } }
         }
         node(id: $id) { ... on BaseModel { exports { nodes { status model { name } } } } }
       }`,
      { id: ids.baseModel(model) },
    );
    const { length } = spy.texts();
    spy.restore();
    return length;
  };
  const add = async () => {
    await api.dataSource.query(
      `INSERT INTO model_exports (id, project_id, base_model_id, format, status) VALUES ($1, $2, $3, 'onnx', 'QUEUED')`,
      [randomUUID(), api.projectId, model],
    );
    const id = await addImport(randomUUID());
    await change(id, `status = 'SUCCEEDED', base_model_id = $2, adapter_base_model_id = $2`, [model]);
  };
  await add();
  const few = await statements();
  for (let i = 0; i < 9; i += 1) await add();
  expect(await statements()).toBe(few);
  // Project, two lists and their counts, models; the node, its exports, their models.
  expect(few).toBeLessThanOrEqual(9);
});
