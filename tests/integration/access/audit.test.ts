import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { accessIds, insertKey, insertUser, type TestKey } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestExperiment } from '../../support/runs.js';

let api: TestApi;
let maintainer: TestKey;
beforeAll(async () => {
  api = await startTestApi({ host: '0.0.0.0' });
  const userId = await insertUser(api.dataSource, 'mika', { roles: { [api.projectId]: 'MAINTAINER' } });
  maintainer = await insertKey(api.dataSource, userId);
});
afterAll(() => api?.close());
afterEach(() => vi.restoreAllMocks());

interface Entry {
  readonly action: string;
  readonly outcome: string;
  readonly credential: string;
  readonly targetId: string | null;
  readonly user: { readonly name: string };
  readonly apiKey: { readonly hint: string } | null;
  readonly details: readonly { readonly name: string; readonly value: string }[];
}

/** The newest entries of the project. */
async function log(first: number): Promise<readonly Entry[]> {
  const { project } = await api.request<{ project: { auditLog: { nodes: readonly Entry[] } } }>(
    `query ($first: Int!) { project { auditLog(first: $first) { nodes {
      action outcome credential targetId user { name } apiKey { hint } details { name value } } } } }`,
    { first },
  );
  return project.auditLog.nodes;
}

const cancel = 'mutation ($id: ID!) { cancelExperiment(input: { experimentId: $id }) { __typename } }';

describe('the audit log', () => {
  test('has what was made and done, by whom, with which key', async () => {
    const { id } = await createTestExperiment(api, { name: 'logged' });
    await api.send(cancel, { id }, maintainer.secret);
    const [canceled, created] = await log(2);
    expect(created).toMatchObject({
      action: 'createExperiment',
      outcome: 'DONE',
      credential: 'API_KEY',
      targetId: id,
      user: { name: 'owner' },
      details: [{ name: 'name', value: 'logged' }],
    });
    expect(canceled).toEqual({
      action: 'cancelExperiment',
      outcome: 'DONE',
      credential: 'API_KEY',
      targetId: id,
      user: { name: 'mika' },
      apiKey: { hint: maintainer.secret.slice(0, 13) },
      details: [],
    });
  });

  test('has what was refused for want of a right, and nothing of what was wrong or repeated', async () => {
    const add = (key: string, email: string, idempotencyKey: string | null = null) =>
      api.send(
        `mutation ($input: AddMemberInput!) { addMember(input: $input) { __typename } }`,
        { input: { email, role: 'OWNER', idempotencyKey } },
        key,
      );
    await add(maintainer.secret, 'friend@example.org');
    expect((await log(1))[0]).toMatchObject({
      action: 'addMember',
      outcome: 'REFUSED',
      user: { name: 'mika' },
      details: [
        { name: 'email', value: 'friend@example.org' },
        { name: 'role', value: 'OWNER' },
      ],
    });
    const { secret: owner } = await insertKey(
      api.dataSource,
      await insertUser(api.dataSource, 'olaf', { roles: { [api.projectId]: 'OWNER' } }),
    );
    const count = async () => (await log(100)).length;
    const before = await count();
    await add(owner, 'no address');
    expect(await count()).toBe(before);
    for (const _ of [1, 2, 3]) await add(owner, 'new@example.org', 'again');
    expect(await count()).toBe(before + 1);
  });

  test('has each value of a list once, so that none is pushed out of sight', async () => {
    const owner = await insertKey(
      api.dataSource,
      await insertUser(api.dataSource, 'otto', { roles: { [api.projectId]: 'OWNER' } }),
    );
    const scopes = [...Array(200).fill('READ'), 'ADMINISTER'];
    await api.send(
      `mutation ($scopes: [Scope!]!) { createApiKey(input: { name: "k", projectSlug: "default", scopes: $scopes }) { __typename } }`,
      { scopes },
      owner.secret,
    );
    expect((await log(1))[0]).toMatchObject({
      action: 'createApiKey',
      details: expect.arrayContaining([{ name: 'scopes', value: 'READ, ADMINISTER' }]),
    });
  });

  test('is written with the change, or neither is', async () => {
    const { id } = await createTestExperiment(api, { name: 'unlogged' });
    await api.dataSource.query('ALTER TABLE audit_log RENAME TO audit_log_away');
    try {
      const { body } = await api.send(cancel, { id }, maintainer.secret);
      expect(body.errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    } finally {
      await api.dataSource.query('ALTER TABLE audit_log_away RENAME TO audit_log');
    }
    const { experiment } = await api.request<{ experiment: { status: string } }>(
      'query ($id: ID!) { experiment(id: $id) { status } }',
      { id },
    );
    expect(experiment.status).toBe('QUEUED');
  });

  test.each([`UPDATE audit_log SET outcome = 'REFUSED'`, 'DELETE FROM audit_log', 'TRUNCATE audit_log'])(
    'refuses %s',
    async (statement) => {
      await expect(api.dataSource.query(statement)).rejects.toThrow('audit_log only grows');
    },
  );

  test('never has a secret', async () => {
    const { body } = await api.send<{ createApiKey: { secret: string } }>(
      `mutation ($user: ID) { createApiKey(input: { name: "kept out", scopes: [READ], userId: $user }) {
        ... on CreatedApiKey { secret } } }`,
      {},
      maintainer.secret,
    );
    const { secret } = body.data!.createApiKey;
    const [{ all }] = await api.dataSource.query(`SELECT string_agg(a::text, ' ') AS all FROM audit_log a`);
    expect(all).toContain('kept out');
    expect(all).not.toContain(secret.slice(13));
    expect(all).not.toContain(maintainer.secret.slice(13));
  });

  test('of a project has the keys that were made for it and revoked, and refusals of the service', async () => {
    const { createApiKey } = await api.request<{ createApiKey: { apiKey: { id: string } } }>(
      `mutation { createApiKey(input: { name: "bound", scopes: [READ], projectSlug: "default" }) {
        ... on CreatedApiKey { apiKey { id } } } }`,
    );
    const { id } = createApiKey.apiKey;
    await api.request('mutation ($id: ID!) { revokeApiKey(input: { apiKeyId: $id }) { __typename } }', { id });
    const others = accessIds.user(await insertUser(api.dataSource, 'sam', { roles: { [api.projectId]: 'VIEWER' } }));
    await api.send(
      `mutation ($id: ID!) { createApiKey(input: { name: "x", scopes: [READ], projectSlug: "default", userId: $id }) {
        __typename } }`,
      { id: others },
      maintainer.secret,
    );
    expect((await log(3)).map(({ action, outcome, targetId }) => [action, outcome, targetId])).toEqual([
      ['createApiKey', 'REFUSED', others],
      ['revokeApiKey', 'DONE', id],
      ['createApiKey', 'DONE', id],
    ]);
  });

  test('of the whole server is for its administrators', async () => {
    const query = '{ auditLog(first: 1) { nodes { action } totalCount } }';
    const { auditLog } = await api.request<{ auditLog: { nodes: object[]; totalCount: number } }>(query);
    expect(auditLog.nodes).toEqual([{ action: 'createApiKey' }]);
    expect(auditLog.totalCount).toBeGreaterThan(3);
    const { body } = await api.send(query, {}, maintainer.secret);
    expect(body.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test('names whom a role was given to', async () => {
    const userId = await insertUser(api.dataSource, 'pat', { roles: { [api.projectId]: 'VIEWER' } });
    await api.request(
      'mutation ($id: ID!) { changeMemberRole(input: { userId: $id, role: ANNOTATOR }) { __typename } }',
      { id: accessIds.user(userId) },
    );
    expect((await log(1))[0]).toMatchObject({
      action: 'changeMemberRole',
      targetId: accessIds.user(userId),
      details: [
        { name: 'userId', value: accessIds.user(userId) },
        { name: 'role', value: 'ANNOTATOR' },
      ],
    });
  });
});
