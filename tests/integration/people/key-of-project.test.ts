import { afterAll, beforeAll, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertProject, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
let otherId: string;
let otherKey: string;
let anyKey: string;
beforeAll(async () => {
  api = await startTestApi({ host: '0.0.0.0' });
  otherId = await insertProject(api.dataSource, 'other');
  const mayaId = await insertUser(api.dataSource, 'maya', { roles: { [api.projectId]: 'OWNER', [otherId]: 'OWNER' } });
  otherKey = (await insertKey(api.dataSource, mayaId, { projectId: otherId })).secret;
  anyKey = (await insertKey(api.dataSource, mayaId)).secret;
});
afterAll(() => api?.close());

test('without a slug, a query asks for the project of the key; with a key to all projects, for `default`', async () => {
  const query = /* GraphQL */ `query ($slug: String) { left: project { slug } null: project(slug: $slug) { slug } }`;
  expect((await api.send(query, { slug: null }, otherKey)).body).toEqual({
    data: { left: { slug: 'other' }, null: { slug: 'other' } },
  });
  expect((await api.send(query, { slug: null }, anyKey)).body).toEqual({
    data: { left: { slug: 'default' }, null: { slug: 'default' } },
  });
});

test('a slug that is given is not replaced', async () => {
  const query = /* GraphQL */ `{ project(slug: "default") { slug } }`;
  expect((await api.send(query, {}, otherKey)).body).toEqual({ data: { project: null } });
});

test('without a slug, a mutation changes the project of the key', async () => {
  const { body } = await api.send<{ createWebhook: { webhook: { project: { slug: string } } } }>(
    /* GraphQL */ `mutation { createWebhook(input: { url: "https://example.org/hook", events: [MEMBER_CHANGED] }) {
      ... on WebhookSecret { webhook { project { slug } } } ... on Problems { problems { code message } } } }`,
    {},
    otherKey,
  );
  expect(body).toEqual({ data: { createWebhook: { webhook: { project: { slug: 'other' } } } } });
  const renamed = /* GraphQL */ `mutation { updateProject(input: { name: "Another" }) { ... on Project { slug name } } }`;
  expect((await api.send(renamed, {}, otherKey)).body).toEqual({
    data: { updateProject: { slug: 'other', name: 'Another' } },
  });
  const entries = await api.dataSource.query('SELECT project_id AS "projectId" FROM audit_log');
  expect(entries.map(({ projectId }: { projectId: string }) => projectId)).toEqual([otherId, otherId]);
});

test('without a slug, a subscription follows the project of the key', async () => {
  const client = api.connect({ authorization: `Bearer ${otherKey}` });
  const events = client.iterate({
    query: /* GraphQL */ `subscription { projectActivity(afterSeq: 0) { ... on MemberChanged { user { id } } } }`,
  });
  // The first event of either project is that Maya joined; the second differs.
  await events.next();
  const newcomer = await insertUser(api.dataSource, 'ada', { roles: { [api.projectId]: 'VIEWER' } });
  const other = await insertUser(api.dataSource, 'bob', { roles: { [otherId]: 'VIEWER' } });
  const { value } = await events.next();
  expect(value.data).toEqual({ projectActivity: { user: { id: globalId('User', other) } } });
  expect(other).not.toBe(newcomer);
});
