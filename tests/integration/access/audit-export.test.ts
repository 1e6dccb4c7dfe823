import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessIds, insertKey, insertProject, insertUser, type TestKey } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestExperiment } from '../../support/runs.js';

interface Entry {
  readonly action: string;
  readonly targetType: string | null;
  readonly targetName: string | null;
  readonly project: { readonly slug: string } | null;
  readonly details: readonly { readonly name: string; readonly value: string }[];
}

let api: TestApi;
let ownerId: string;
let owner: TestKey;
let viewer: TestKey;
let experiment: string;
let webhook: string;
let between: string;

const run = (key: string, query: string, variables: Record<string, unknown> = {}) =>
  api.send<Record<string, never>>(query, variables, key);

beforeAll(async () => {
  api = await startTestApi({ host: '0.0.0.0' });
  await insertProject(api.dataSource, 'other');
  ownerId = await insertUser(api.dataSource, 'olga', { roles: { [api.projectId]: 'OWNER' } });
  owner = await insertKey(api.dataSource, ownerId);
  viewer = await insertKey(
    api.dataSource,
    await insertUser(api.dataSource, 'vera', { roles: { [api.projectId]: 'VIEWER' } }),
  );
  experiment = (await createTestExperiment(api, { name: 'Überraschung' })).id;
  const [{ now }] = await api.dataSource.query('SELECT clock_timestamp() AS now');
  between = (now as Date).toISOString();
  await api.dataSource.query(`SELECT pg_sleep(0.002)`);
  const cancel = 'mutation ($id: ID!) { cancelExperiment(input: { experimentId: $id }) { __typename } }';
  await run(viewer.secret, cancel, { id: experiment });
  await run(owner.secret, cancel, { id: experiment });
  const create = `mutation ($url: String!) { createWebhook(input: { url: $url, events: [MEMBER_CHANGED],
    description: "for the wall", secret: "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" }) { ... on WebhookSecret { webhook { id } } } }`;
  const made = await api.send<{ createWebhook: { webhook: { id: string } } }>(
    create,
    { url: 'https://hooks.example.com/services/T01/B02/a-key?token=hidden' },
    owner.secret,
  );
  webhook = made.body.data!.createWebhook.webhook.id;
  await run(
    owner.secret,
    'mutation ($id: ID!) { updateWebhook(input: { webhookId: $id, url: "https://example.org/a" }) { __typename } }',
    { id: webhook },
  );
  await run(owner.secret, 'mutation ($id: ID!) { deleteWebhook(input: { webhookId: $id }) { __typename } }', {
    id: webhook,
  });
  await api.request('mutation { createProject(input: { slug: "third", name: "Third" }) { __typename } }');
});
afterAll(() => api?.close());

async function actions(filter: Record<string, unknown>): Promise<string[]> {
  const { project } = await api.request<{ project: { auditLog: { nodes: Entry[]; totalCount: number } } }>(
    `query ($filter: AuditFilter) { project { auditLog(filter: $filter) { totalCount nodes { action } } } }`,
    { filter },
  );
  expect(project.auditLog.totalCount).toBe(project.auditLog.nodes.length);
  return project.auditLog.nodes.map(({ action }) => action);
}

describe('the audit log can be filtered by', () => {
  test('time: the first moment counts, the last does not', async () => {
    expect(await actions({ before: between })).toEqual(['createExperiment']);
    expect(await actions({ since: between })).toEqual([
      'deleteWebhook',
      'updateWebhook',
      'createWebhook',
      'cancelExperiment',
      'cancelExperiment',
    ]);
  });

  test('actor: user, key, kind of credential', async () => {
    const mine = ['deleteWebhook', 'updateWebhook', 'createWebhook', 'cancelExperiment'];
    expect(await actions({ user: [accessIds.user(ownerId)] })).toEqual(mine);
    expect(await actions({ apiKey: [accessIds.apiKey(owner.id)] })).toEqual(mine);
    expect(await actions({ credential: ['SESSION'] })).toEqual([]);
  });

  test('action and outcome', async () => {
    expect(await actions({ action: ['createWebhook', 'createExperiment'] })).toEqual([
      'createWebhook',
      'createExperiment',
    ]);
    expect(await actions({ outcome: ['REFUSED'] })).toEqual(['cancelExperiment']);
  });

  test('target: its id, also when it is gone, its type, and words of its name whatever their case', async () => {
    expect(await actions({ target: [webhook] })).toEqual(['deleteWebhook', 'updateWebhook', 'createWebhook']);
    expect(await actions({ targetType: ['Experiment'], outcome: ['DONE'] })).toEqual([
      'cancelExperiment',
      'createExperiment',
    ]);
    expect(await actions({ targetName: 'üBERRASCH' })).toHaveLength(3);
  });

  test('nothing that is wrong: the answer names the field', async () => {
    for (const [filter, message] of [
      ['{ targetType: ["Webhok"] }', expect.stringContaining('“Webhok” is no type with ids. Did you mean “Webhook”?')],
      ['{ target: ["nothing"] }', '`filter.target`: This is not an id from this API.'],
      [
        '{ since: "2026-02-01T00:00:00Z", before: "2026-01-01T00:00:00Z" }',
        '`filter.since` is later than `filter.before`.',
      ],
    ]) {
      const { body } = await api.send(`{ project { auditLog(filter: ${filter}) { totalCount } } }`, {}, owner.secret);
      expect(body.errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });
});

test('entries name their targets as they were, and what was set, without what may be a key', async () => {
  const { project } = await api.request<{ project: { auditLog: { nodes: Entry[] } } }>(
    `query ($ids: [ID!]) { project { auditLog(filter: { target: $ids }) { nodes {
      action targetType targetName project { slug } details { name value } } } } }`,
    { ids: [webhook, experiment] },
  );
  const shown = 'https://hooks.example.com/services/T01/B02/…?…';
  const target = { targetType: 'Webhook', project: { slug: 'default' } };
  expect(project.auditLog.nodes).toMatchObject([
    { action: 'deleteWebhook', ...target, targetName: 'https://example.org/a', details: [] },
    {
      action: 'updateWebhook',
      ...target,
      targetName: shown,
      details: [{ name: 'url', value: 'https://example.org/a' }],
    },
    {
      action: 'createWebhook',
      ...target,
      targetName: shown,
      details: [
        { name: 'events', value: 'member.changed' },
        { name: 'description', value: 'for the wall' },
        { name: 'url', value: shown },
      ],
    },
    { action: 'cancelExperiment', targetName: 'Überraschung' },
    { action: 'cancelExperiment', targetName: 'Überraschung' },
    { action: 'createExperiment', targetName: 'Überraschung' },
  ]);
});

test('an id of another project does not bring its name into the log', async () => {
  const stranger = accessIds.user(await insertUser(api.dataSource, 'stranger'));
  await run(
    owner.secret,
    'mutation ($id: ID!) { changeMemberRole(input: { userId: $id, role: VIEWER }) { __typename } }',
    { id: stranger },
  );
  await run(viewer.secret, 'mutation ($id: ID!) { removeMember(input: { userId: $id }) { __typename } }', {
    id: stranger,
  });
  const { project } = await api.request<{ project: { auditLog: { nodes: Entry[] } } }>(
    'query ($ids: [ID!]) { project { auditLog(filter: { target: $ids }) { nodes { action targetType targetName } } } }',
    { ids: [stranger] },
  );
  expect(project.auditLog.nodes).toEqual([{ action: 'removeMember', targetType: 'User', targetName: null }]);
});

describe('the export', () => {
  const get = (path: string, key: string | null) =>
    fetch(`${api.url}${path}`, key === null ? {} : { headers: { authorization: `Bearer ${key}` } });
  const linesOf = async (response: Response) =>
    (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  test('has one JSON object a line, the oldest first, filtered as the list is', async () => {
    const response = await get(
      `/projects/default/audit-log.jsonl?since=${between}&action=cancelExperiment&action=createWebhook&outcome=DONE`,
      owner.secret,
    );
    expect([
      response.status,
      response.headers.get('content-type'),
      response.headers.get('content-disposition'),
    ]).toEqual([200, 'application/jsonl; charset=utf-8', 'attachment; filename=audit-log-default.jsonl']);
    const user = { id: accessIds.user(ownerId), name: 'olga', kind: 'PERSON' };
    const apiKey = { id: accessIds.apiKey(owner.id), name: 'test' };
    const common = {
      position: expect.any(Number),
      requestId: expect.any(String),
      at: expect.any(String),
      project: 'default',
      user,
      apiKey,
    };
    expect(await linesOf(response)).toEqual([
      {
        ...common,
        credential: 'API_KEY',
        action: 'cancelExperiment',
        outcome: 'DONE',
        target: { type: 'Experiment', id: experiment, name: 'Überraschung' },
        details: {},
      },
      expect.objectContaining({
        action: 'createWebhook',
        target: { type: 'Webhook', id: webhook, name: 'https://hooks.example.com/services/T01/B02/…?…' },
        details: expect.objectContaining({ url: 'https://hooks.example.com/services/T01/B02/…?…' }),
      }),
    ]);
  });

  test('reads logs longer than a page, every entry once and in order', async () => {
    await api.dataSource.query(
      `INSERT INTO audit_log (project_id, user_id, credential, action, outcome)
       SELECT $1, $2, 'LOCAL', 'many', 'DONE' FROM generate_series(1, 2500)`,
      [api.projectId, ownerId],
    );
    const positions = (await linesOf(await get('/projects/default/audit-log.jsonl?action=many', owner.secret))).map(
      ({ position }) => position as number,
    );
    expect(positions).toHaveLength(2500);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
  });

  test('of the server has every project', async () => {
    const administrator = await insertKey(
      api.dataSource,
      await insertUser(api.dataSource, 'root', { administrator: true }),
    );
    const [entry] = await linesOf(await get('/audit-log.jsonl?action=createProject', administrator.secret));
    expect(entry).toMatchObject({ project: 'third', target: { type: 'Project', name: 'third' } });
    expect((await get('/audit-log.jsonl', owner.secret)).status).toBe(403);
  });

  test('is refused to whoever may not see the log, and says what is wrong with a query', async () => {
    const path = '/projects/default/audit-log.jsonl';
    expect((await get(path, null)).status).toBe(401);
    expect((await get(path, viewer.secret)).status).toBe(403);
    expect((await get('/projects/other/audit-log.jsonl', owner.secret)).status).toBe(404);
    expect((await get('/projects/none/audit-log.jsonl', owner.secret)).status).toBe(404);
    for (const query of ['?sincce=2026-01-01T00:00:00Z', '?since=yesterday', '?since[a]=b', '?user=nobody']) {
      const response = await get(`${path}${query}`, owner.secret);
      expect([response.status, await response.json()], query).toEqual([
        400,
        {
          code: 'BAD_USER_INPUT',
          message: expect.any(String),
          hint: expect.stringContaining('since, before, user, apiKey, credential, action, outcome, target'),
        },
      ]);
    }
  });
});
