import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role, Scope } from '../../../src/access/rights.js';
import { insertKey, insertProject, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
let otherId: string;
let webhookId: string;
let deliveryId: string;
let secret: string;
/** Of an owner. */
let owner: string;

const url = 'https://hooks.invalid/services/T0/hush-hush';
const problems = '... on Problems { problems { code } }';

async function keyOf(name: string, projectId: string, role: Role, scopes?: readonly Scope[]): Promise<string> {
  const userId = await insertUser(api.dataSource, name, { roles: { [projectId]: role } });
  return (await insertKey(api.dataSource, userId, scopes === undefined ? {} : { scopes })).secret;
}

beforeAll(async () => {
  api = await startTestApi({ host: '0.0.0.0' });
  otherId = await insertProject(api.dataSource, 'other');
  owner = await keyOf('owner', api.projectId, 'OWNER');
  const created = await api.send<{ createWebhook: { secret: string; webhook: { id: string } } }>(
    `mutation ($url: String!) { createWebhook(input: { url: $url, events: [EXPERIMENT_CREATED] }) {
      ... on WebhookSecret { secret webhook { id author { name } } } ${problems} } }`,
    { url },
    owner,
  );
  expect(created.body.data).toMatchObject({ createWebhook: { webhook: { author: { name: 'owner' } } } });
  ({
    secret,
    webhook: { id: webhookId },
  } = created.body.data!.createWebhook);
  const pinged = await api.send<{ testWebhook: { id: string } }>(
    `mutation ($id: ID!) { testWebhook(input: { webhookId: $id }) { ... on WebhookDelivery { id } ${problems} } }`,
    { id: webhookId },
    owner,
  );
  deliveryId = pinged.body.data!.testWebhook.id;
});
afterAll(() => api?.close());

const mutations = (): Readonly<Record<string, string>> => ({
  createWebhook: '{ url: "https://example.com", events: [EXPERIMENT_CREATED] }',
  updateWebhook: `{ webhookId: "${webhookId}", enabled: false }`,
  rotateWebhookSecret: `{ webhookId: "${webhookId}" }`,
  testWebhook: `{ webhookId: "${webhookId}" }`,
  redeliverWebhook: `{ deliveryId: "${deliveryId}" }`,
  deleteWebhook: `{ webhookId: "${webhookId}" }`,
});

async function codesOf(key: string): Promise<Record<string, string | undefined>> {
  const codes: Record<string, string | undefined> = {};
  for (const [name, input] of Object.entries(mutations())) {
    const { body } = await api.send<Record<string, { problems?: { code: string }[] }>>(
      `mutation { ${name}(input: ${input}) { ${problems} } }`,
      {},
      key,
    );
    codes[name] = body.data?.[name]?.problems?.[0]?.code;
  }
  return codes;
}

const node = async (id: string, key: string) =>
  (await api.send('query ($id: ID!) { node(id: $id) { id } }', { id }, key)).body.data;
const listed = async (key: string) =>
  (await api.send('{ project { webhooks { nodes { url } } } }', {}, key)).body as {
    data: { project: { webhooks: unknown } | null } | null;
    errors?: { extensions: { code: string } }[];
  };

test('less than ADMINISTER sees no webhook and changes none', async () => {
  const keys = [
    await keyOf('viewer', api.projectId, 'VIEWER'),
    await keyOf('maintainer', api.projectId, 'MAINTAINER'),
    await keyOf('narrow', api.projectId, 'OWNER', ['READ', 'TRAIN', 'ANNOTATE']),
  ];
  for (const key of keys) {
    expect(Object.values(await codesOf(key))).toEqual(Array(6).fill('FORBIDDEN'));
    expect(await node(webhookId, key)).toEqual({ node: null });
    expect(await node(deliveryId, key)).toEqual({ node: null });
    expect(await listed(key)).toMatchObject({
      data: { project: { webhooks: null } },
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
  }
});

test('for an owner of another project there is none', async () => {
  const key = await keyOf('stranger', otherId, 'OWNER');
  expect(Object.values(await codesOf(key))).toEqual(Array(6).fill('NOT_FOUND'));
  expect(await node(webhookId, key)).toEqual({ node: null });
  expect(await node(deliveryId, key)).toEqual({ node: null });
  expect((await listed(key)).data).toEqual({ project: null });
});

test('an owner sees it; what was done is in the audit log, without secret and what may be a key in the URL', async () => {
  expect(await node(webhookId, owner)).toEqual({ node: { id: webhookId } });
  expect(await node(deliveryId, owner)).toEqual({ node: { id: deliveryId } });
  expect((await listed(owner)).data).toEqual({ project: { webhooks: { nodes: [{ url }] } } });
  await codesOf(owner);
  const entries: { action: string; target: string }[] = await api.dataSource.query(
    `SELECT action, target_type AS target FROM audit_log WHERE outcome = 'DONE' AND action LIKE '%Webhook%' ORDER BY id`,
  );
  // A ping is not sent again, so that call changed nothing.
  const done = ['createWebhook', 'testWebhook', 'createWebhook', 'updateWebhook', 'rotateWebhookSecret', 'testWebhook'];
  expect(entries).toEqual([...done, 'deleteWebhook'].map((action) => ({ action, target: 'Webhook' })));
  const [{ all }] = await api.dataSource.query(`SELECT string_agg(a::text, '') AS all FROM audit_log a`);
  const log = JSON.stringify(api.log);
  for (const text of [all, log]) {
    expect(text).not.toContain(secret.slice('whsec_'.length));
    expect(text).not.toContain('hush-hush');
  }
});
