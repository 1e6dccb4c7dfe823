import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertKey, insertProject, insertSession, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { countsIn, deleteObject, deleteProject } from '../../support/deletions.js';
import { digest, ids, insertBaseModel, insertDataset } from '../../support/rows.js';
import { createTestExperiment, enter } from '../../support/runs.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

/** Creates a project as the product does, and puts data, a model and an experiment that has ended into it. */
async function filledProject(slug: string) {
  const { createProject } = await api.request<{ createProject: { id: string } }>(
    'mutation ($input: CreateProjectInput!) { createProject(input: $input) { ... on Project { id } } }',
    { input: { slug, name: slug } },
  );
  expect(createProject.id).toEqual(expect.any(String));
  const [{ id }] = await api.dataSource.query('SELECT id FROM projects WHERE slug = $1', [slug]);
  const dataset = await insertDataset(api.dataSource, id, { name: `data of ${slug}` });
  await api.store.write(Buffer.from(`data of ${slug} 1`));
  const baseModel = await insertBaseModel(api.dataSource, id, { name: `model of ${slug}` });
  const within = {
    ...api,
    projectId: id,
    request: <Data>(query: string, variables: { input: object }) =>
      api.request<Data>(query, { input: { ...variables.input, projectSlug: slug } }),
  } as TestApi;
  const experiment = await createTestExperiment(within, {
    name: 'one',
    baseModel,
    version: dataset.versionIds[0]!,
  });
  await api.request(
    'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { __typename ... on Problems { problems { message } } } }',
    { input: { projectSlug: slug, url: 'https://hooks.invalid/', events: ['OBJECT_DELETED', 'MEMBER_CHANGED'] } },
  );
  await api.request('mutation ($input: SetModelAliasInput!) { setModelAlias(input: $input) { __typename } }', {
    input: { modelId: ids.baseModel(baseModel), name: 'production' },
  });
  return { id: id as string, experiment };
}

test('a project that holds something goes only with all of it, when nothing is at work any more', async () => {
  const { id, experiment } = await filledProject('filled');
  expect((await deleteProject(api, { projectSlug: 'filled' })).problems).toMatchObject([
    { path: ['projectSlug'], code: 'IN_USE' },
  ]);
  expect((await deleteProject(api, { projectSlug: 'filled', cascade: true })).problems).toMatchObject([
    { code: 'CONFLICT', usedBy: [{ kind: 'EXPERIMENT', objectId: experiment.id }] },
  ]);
  await enter(api.dataSource, experiment.runId, 'PREPARING', 'TRAINING', 'FAILED');
  const key = await insertKey(
    api.dataSource,
    await insertUser(api.dataSource, 'member', { roles: { [id]: 'OWNER' } }),
    {
      projectId: id,
    },
  );
  const would = await deleteProject(api, { projectSlug: 'filled', cascade: true, dryRun: true });
  expect(countsIn(would)).toEqual({
    PROJECT: 1,
    DATASET: 1,
    DATASET_VERSION: 1,
    BASE_MODEL: 1,
    MODEL_ALIAS: 1,
    EXPERIMENT: 1,
    WEBHOOK: 1,
    MEMBER: 2,
  });
  expect(await api.store.has(digest('data of filled 1'))).toBe(true);
  const did = await deleteProject(api, { projectSlug: 'filled', cascade: true });
  expect(did).toEqual({ ...would, isDryRun: false });
  expect(did.freedBytes).toBe(2);
  expect(await api.store.has(digest('data of filled 1'))).toBe(false);
  expect(await api.request('{ project(slug: "filled") { id } }')).toEqual({ project: null });
  expect((await api.send('{ viewer { id } }', {}, key.secret)).status).toBe(401);
  // What was done there stays in the log of the server.
  const { auditLog } = await api.request<{
    auditLog: { nodes: { action: string; targetName: string; project: null }[] };
  }>('{ auditLog(first: 100) { nodes { action targetName project { slug } } } }');
  expect(auditLog.nodes[0]).toEqual({ action: 'deleteProject', targetName: 'filled', project: null });
  expect(auditLog.nodes.map(({ action }) => action)).toContain('createExperiment');
  expect((await deleteProject(api, { projectSlug: 'filled' })).problems).toMatchObject([{ code: 'NOT_FOUND' }]);
});

test('a project that holds nothing goes without more words; its slug is free again', async () => {
  for (let i = 0; i < 2; i += 1) {
    await api.request('mutation { createProject(input: { slug: "short", name: "Short" }) { __typename } }');
    expect(countsIn(await deleteProject(api, { projectSlug: 'short' }))).toEqual({ PROJECT: 1, MEMBER: 1 });
  }
});

test('owners delete their project, others do not; the first project stays', async () => {
  const id = await insertProject(api.dataSource, 'owned');
  const keyOf = async (name: string, role: 'OWNER' | 'MAINTAINER') =>
    (await insertKey(api.dataSource, await insertUser(api.dataSource, name, { roles: { [id]: role } }))).secret;
  const input = { projectSlug: 'owned' };
  expect((await deleteProject(api, input, await keyOf('maintains', 'MAINTAINER'))).problems).toMatchObject([
    { code: 'FORBIDDEN' },
  ]);
  expect(await deleteProject(api, input, await keyOf('owns', 'OWNER'))).toMatchObject({ kind: 'PROJECT' });
  expect((await deleteProject(api, { projectSlug: 'default', cascade: true })).problems).toMatchObject([
    { path: ['projectSlug'], code: 'CONFLICT' },
  ]);
});

test("a person's data are deleted: name, address, sign-ins and keys; what they did stays, by nobody", async () => {
  const { dataSource, projectId } = api;
  const { addMember } = await api.request<{ addMember: { user: { id: string } } }>(
    `mutation { addMember(input: { email: "ada@example.org", name: "Ada Lovelace", role: MAINTAINER }) {
       ... on Member { user { id } } } }`,
  );
  const userId = addMember.user.id;
  const uuid = Buffer.from(userId, 'base64').toString().split(':')[1]!;
  const key = await insertKey(dataSource, uuid);
  await dataSource.query(`UPDATE api_keys SET name = 'Ada’s laptop' WHERE user_id = $1`, [uuid]);
  await insertSession(dataSource, uuid);
  // Refused, and logged with the address.
  const annotator = await insertKey(
    dataSource,
    await insertUser(dataSource, 'annotator', { roles: { [projectId]: 'ANNOTATOR' } }),
  );
  await api.send(
    'mutation { addMember(input: { email: " Ada@example.org", role: OWNER }) { __typename } }',
    {},
    annotator.secret,
  );
  await api.send('mutation { updateProject(input: { name: "x" }) { __typename } }', {}, key.secret);
  const dataset = await insertDataset(dataSource, projectId, { name: 'by Ada' });
  await dataSource.query('UPDATE datasets SET created_by = $2 WHERE id = $1', [dataset.id, uuid]);

  const entriesBefore = await dataSource.query('SELECT count(*)::int AS entries FROM audit_log');
  const would = await deleteObject(api, 'User', uuid, { dryRun: true });
  expect(countsIn(would)).toEqual({ USER: 1, MEMBER: 1, API_KEY: 1, SESSION: 1 });
  expect(await deleteObject(api, 'User', uuid)).toEqual({ ...would, isDryRun: false });

  expect((await api.send('{ viewer { id } }', {}, key.secret)).status).toBe(401);
  const { node } = await api.request<{ node: unknown }>(
    'query ($id: ID!) { node(id: $id) { ... on Dataset { author { name email } } } }',
    { id: ids.dataset(dataset.id) },
  );
  expect(node).toEqual({ author: { name: 'Deleted user', email: null } });
  const entriesAfter = await dataSource.query('SELECT count(*)::int AS entries FROM audit_log');
  expect(entriesAfter[0].entries).toBe(entriesBefore[0].entries + 1);

  // No row of any table holds the name or the address any more.
  const tables: { name: string }[] = await dataSource.query(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  for (const { name } of tables) {
    const rows = await dataSource.query(
      `SELECT FROM ${name} AS t WHERE t::text ILIKE '%lovelace%' OR t::text ILIKE '%ada@example%' OR t::text ILIKE '%Ada’s%'`,
    );
    expect([name, rows.length]).toEqual([name, 0]);
  }
  // What was done stays done by the same user.
  const [{ actions }] = await dataSource.query('SELECT count(*)::int AS actions FROM audit_log WHERE user_id = $1', [
    uuid,
  ]);
  expect(actions).toBeGreaterThan(0);
  expect(countsIn(await deleteObject(api, 'User', uuid))).toEqual({ USER: 1 });
  const { reactivateUser } = await api.request<{ reactivateUser: unknown }>(
    'mutation ($id: ID!) { reactivateUser(input: { userId: $id }) { ... on Problems { problems { code } } } }',
    { id: userId },
  );
  expect(reactivateUser).toEqual({ problems: [{ code: 'NOT_FOUND' }] });
  // Somebody of that address is somebody else.
  const again = await api.request<{ addMember: { user: { id: string } } }>(
    'mutation { addMember(input: { email: "ada@example.org", role: VIEWER }) { ... on Member { user { id } } } }',
  );
  expect(again.addMember.user.id).not.toBe(userId);
});

test('nobody deletes themselves, or the user that the server acts as', async () => {
  const [{ id: owner }] = await api.dataSource.query(
    'SELECT id FROM users WHERE administrator ORDER BY created_at LIMIT 1',
  );
  expect((await deleteObject(api, 'User', owner)).problems).toMatchObject([{ path: ['userId'], code: 'CONFLICT' }]);
});

test('of entries of the audit log nothing else than names can be removed', async () => {
  const { dataSource } = api;
  await expect(dataSource.query(`UPDATE audit_log SET action = 'nothing'`)).rejects.toThrow('only grows');
  await expect(dataSource.query(`UPDATE audit_log SET target_name = 'somebody else'`)).rejects.toThrow('only grows');
  await expect(dataSource.query('DELETE FROM audit_log')).rejects.toThrow('only grows');
  await expect(dataSource.query('TRUNCATE audit_log')).rejects.toThrow('only grows');
});
