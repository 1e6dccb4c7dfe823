import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { accessIds, insertKey, insertProject, insertSession, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
let otherId: string;
let mayaId: string;
beforeAll(async () => {
  // No loopback address: nothing works without a credential.
  api = await startTestApi({ host: '0.0.0.0' });
  otherId = await insertProject(api.dataSource, 'other');
  mayaId = await insertUser(api.dataSource, 'maya', { roles: { [api.projectId]: 'OWNER', [otherId]: 'VIEWER' } });
});
afterAll(() => api?.close());

const whoAmI = /* GraphQL */ `{ viewer { name administrator credential apiKey { hint } } }`;
const create = /* GraphQL */ `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  ... on CreatedApiKey { secret apiKey { id hint scopes expiresAt user { name } createdBy { name } project { slug } } }
  ... on Problems { problems { path code message } }
} }`;

interface Created {
  createApiKey: {
    secret?: string;
    apiKey?: { id: string; hint: string; scopes: string[]; user: { name: string }; project: { slug: string } | null };
    problems?: { path: string[]; code: string; message: string }[];
  };
}

async function createKey(key: string, input: Record<string, unknown>) {
  const { body } = await api.send<Created>(create, { input: { name: 'ci', scopes: ['READ'], ...input } }, key);
  return body.data!.createApiKey;
}

describe('a request', () => {
  test('without a credential is refused, whatever it asks for', async () => {
    for (const path of ['/graphql', '/exports/00000000-0000-4000-8000-000000000000/archive.zip', '/']) {
      const { status, text } = await request(api.url).get(path);
      expect([path, status]).toEqual([path, 401]);
      expect(text).toMatch(/API key/);
    }
    const { status, body } = await api.send('{ serverInfo { version } }');
    expect(status).toBe(401);
    expect(body).toEqual({
      errors: [{ message: expect.stringContaining('API key'), extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  test('with a key is its user’s', async () => {
    const { secret } = await insertKey(api.dataSource, mayaId);
    const { status, body } = await api.send(whoAmI, {}, secret);
    expect(status).toBe(200);
    expect(body.data).toEqual({
      viewer: { name: 'maya', administrator: false, credential: 'API_KEY', apiKey: { hint: secret.slice(0, 13) } },
    });
    const basic = await request(api.url)
      .post('/graphql')
      .auth('anything', secret)
      .send({ query: '{ viewer { name } }' });
    expect(basic.body).toEqual({ data: { viewer: { name: 'maya' } } });
  });

  test.each([
    ['unknown', 'Bearer attune_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['of another form', 'Bearer hunter2'],
    ['of another scheme', 'Digest username="x"'],
    ['empty', 'Bearer '],
    ['without a colon', `Basic ${Buffer.from('nothing').toString('base64')}`],
  ])('with a key that is %s is refused, and the key is told to nobody', async (_, authorization) => {
    const { status, text } = await request(api.url)
      .post('/graphql')
      .set('authorization', authorization)
      .send({ query: whoAmI });
    expect(status).toBe(401);
    expect(text).not.toMatch(/hunter2|attune_A/);
    expect(JSON.stringify(api.log)).not.toMatch(/hunter2|attune_A/);
  });

  test('with a key that has expired, was revoked, or is of a deactivated user is refused', async () => {
    const expired = await insertKey(api.dataSource, mayaId, { expiresInSeconds: -1 });
    expect((await api.send(whoAmI, {}, expired.secret)).status).toBe(401);
    const goneId = await insertUser(api.dataSource, 'gone');
    const gone = await insertKey(api.dataSource, goneId);
    expect((await api.send(whoAmI, {}, gone.secret)).status).toBe(200);
    const headId = await insertUser(api.dataSource, 'head', { administrator: true });
    const { secret: head } = await insertKey(api.dataSource, headId);
    const deactivate = /* GraphQL */ `mutation ($input: UserActionInput!) {
      deactivateUser(input: $input) { ... on User { name } ... on Problems { problems { message } } } }`;
    const { body } = await api.send(deactivate, { input: { userId: accessIds.user(goneId) } }, head);
    expect(body.data).toEqual({ deactivateUser: { name: 'gone' } });
    expect((await api.send(whoAmI, {}, gone.secret)).status).toBe(401);
  });
});

describe('a key that is made', () => {
  test('works, is shown once, and only its digest is kept', async () => {
    const { secret: mine } = await insertKey(api.dataSource, mayaId);
    const { secret, apiKey } = await createKey(mine, { scopes: ['TRAIN'], expiresAt: '2100-01-01T00:00:00.000Z' });
    expect(apiKey).toMatchObject({ scopes: ['READ', 'TRAIN'], user: { name: 'maya' }, project: null });
    expect(secret).toMatch(/^attune_[\w-]{43}$/);
    expect((await api.send(whoAmI, {}, secret)).status).toBe(200);
    const [dump] = await api.dataSource.query<{ all: string }[]>(
      `SELECT (SELECT string_agg(k::text, '') FROM api_keys k) || (SELECT string_agg(a::text, '') FROM audit_log a) AS all`,
    );
    expect(dump!.all).not.toContain(secret!.slice(13));
    expect(JSON.stringify(api.log)).not.toContain(secret!.slice(13));
  });

  test('is not in the log when making it fails', async () => {
    const { secret: mine } = await insertKey(api.dataSource, mayaId);
    await api.dataSource.query(`ALTER TABLE api_keys ADD CONSTRAINT nothing_new CHECK (name <> 'a name to look for')`);
    const logged = api.log.length;
    try {
      const { body } = await api.send(create, { input: { name: 'a name to look for', scopes: ['READ'] } }, mine);
      expect(body.errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    } finally {
      await api.dataSource.query('ALTER TABLE api_keys DROP CONSTRAINT nothing_new');
    }
    const lines = JSON.stringify(api.log.slice(logged));
    expect(lines).toContain('INSERT INTO api_keys');
    expect(lines).toContain('nothing_new');
    // Digest, hint and name are values of the statement that failed.
    expect(lines).not.toMatch(/[0-9a-f]{64}|attune_|a name to look for/);
  });

  test('can be asked for again: the same key, without its secret', async () => {
    const { secret: mine } = await insertKey(api.dataSource, mayaId);
    const input = { name: 'twice', idempotencyKey: 'k-1' };
    const [one, two] = await Promise.all([createKey(mine, input), createKey(mine, input)]);
    expect(one.apiKey!.id).toBe(two.apiKey!.id);
    expect([one.secret, two.secret].filter((each) => each !== null)).toHaveLength(1);
  });

  test('can do no more than the one it is made with, and for no longer', async () => {
    const limited = await insertKey(api.dataSource, mayaId, {
      scopes: ['READ', 'ADMINISTER'],
      projectId: api.projectId,
      expiresInSeconds: 3600,
    });
    const soon = new Date(Date.now() + 1_800_000).toISOString();
    const codes = async (input: Record<string, unknown>) =>
      (await createKey(limited.secret, input)).problems?.map(({ path, code }) => `${path.join('.')} ${code}`);
    expect(await codes({ scopes: ['TRAIN'], expiresAt: soon, projectSlug: 'default' })).toEqual(['scopes FORBIDDEN']);
    expect(await codes({ projectSlug: 'default' })).toEqual(['expiresAt FORBIDDEN']);
    expect(await codes({ expiresAt: soon })).toEqual(['projectSlug FORBIDDEN']);
    expect(await codes({ expiresAt: soon, projectSlug: 'other' })).toEqual(['projectSlug NOT_FOUND']);
    expect(await codes({ expiresAt: soon, projectSlug: 'default' })).toBeUndefined();
    const reader = await insertKey(api.dataSource, mayaId, { scopes: ['READ'] });
    expect((await createKey(reader.secret, {})).problems).toMatchObject([{ path: [], code: 'FORBIDDEN' }]);
  });

  test('for somebody else opens one project of which they are a member, and is made by its owner', async () => {
    const { secret: mine } = await insertKey(api.dataSource, mayaId);
    const annaId = await insertUser(api.dataSource, 'anna', { roles: { [api.projectId]: 'ANNOTATOR' } });
    const noMemberId = await insertUser(api.dataSource, 'nobody');
    const userId = accessIds.user(annaId);
    expect((await createKey(mine, { userId })).problems).toMatchObject([{ path: ['projectSlug'], code: 'REQUIRED' }]);
    expect((await createKey(mine, { userId, projectSlug: 'other' })).problems).toMatchObject([{ code: 'FORBIDDEN' }]);
    const none = await createKey(mine, { userId: accessIds.user(noMemberId), projectSlug: 'default' });
    expect(none.problems).toMatchObject([{ path: ['userId'], code: 'NOT_FOUND' }]);
    const made = await createKey(mine, { userId, projectSlug: 'default', scopes: ['READ', 'TRAIN'] });
    expect(made.apiKey).toMatchObject({
      user: { name: 'anna' },
      createdBy: { name: 'maya' },
      project: { slug: 'default' },
    });
    // As an annotator she may not train, whatever the key says.
    const { body } = await api.send('{ project { viewerRole viewerScopes } }', {}, made.secret);
    expect(body.data).toEqual({ project: { viewerRole: 'ANNOTATOR', viewerScopes: ['READ'] } });
  });

  test('acts as an administrator of the server only when one makes it', async () => {
    const roles = { [api.projectId]: 'VIEWER' } as const;
    const userId = accessIds.user(await insertUser(api.dataSource, 'root', { administrator: true, roles }));
    const owner = await insertKey(api.dataSource, mayaId);
    const wish = { userId, projectSlug: 'default', scopes: ['ADMINISTER'] };
    expect((await createKey(owner.secret, wish)).problems).toMatchObject([{ path: ['userId'], code: 'FORBIDDEN' }]);
    const administratorId = await insertUser(api.dataSource, 'chief', { administrator: true });
    const administrator = await insertKey(api.dataSource, administratorId);
    expect((await createKey(administrator.secret, wish)).apiKey?.user.name).toBe('root');
  });

  test('has values that make sense', async () => {
    const { secret: mine } = await insertKey(api.dataSource, mayaId);
    const { problems } = await createKey(mine, { name: ' ', scopes: [], expiresAt: '2020-01-01T00:00:00.000Z' });
    expect(problems!.map(({ path, code }) => [path.join('.'), code])).toEqual([
      ['name', 'INVALID_VALUE'],
      ['scopes', 'REQUIRED'],
      ['expiresAt', 'INVALID_VALUE'],
    ]);
  });
});

describe('revoking', () => {
  const revoke = /* GraphQL */ `mutation ($id: ID!) { revokeApiKey(input: { apiKeyId: $id }) {
    ... on ApiKey { revokedAt } ... on Problems { problems { path code } } } }`;

  test('one’s own key works at once, twice too, and not with a key that does not administer', async () => {
    const mine = await insertKey(api.dataSource, mayaId);
    const leaked = await insertKey(api.dataSource, mayaId, { scopes: ['READ'] });
    const reader = await insertKey(api.dataSource, mayaId, { scopes: ['READ'] });
    const id = accessIds.apiKey(leaked.id);
    expect((await api.send(revoke, { id }, reader.secret)).body.data).toMatchObject({
      revokeApiKey: { problems: [{ code: 'NOT_FOUND' }] },
    });
    for (const _ of [1, 2]) {
      expect((await api.send(revoke, { id }, mine.secret)).body.data).toMatchObject({
        revokeApiKey: { revokedAt: expect.any(String) },
      });
    }
    expect((await api.send(whoAmI, {}, leaked.secret)).status).toBe(401);
    // A key that leaked can end itself.
    expect((await api.send(revoke, { id: accessIds.apiKey(reader.id) }, reader.secret)).status).toBe(200);
    expect((await api.send(whoAmI, {}, reader.secret)).status).toBe(401);
  });

  test('another’s key is for owners of the project that it opens', async () => {
    const benId = await insertUser(api.dataSource, 'ben', { roles: { [api.projectId]: 'MAINTAINER' } });
    const mine = await insertKey(api.dataSource, mayaId);
    const everywhere = await insertKey(api.dataSource, benId);
    const here = await insertKey(api.dataSource, benId, { projectId: api.projectId });
    const codeOf = async (id: string) =>
      (
        await api.send<{ revokeApiKey: { problems?: { code: string }[] } }>(
          revoke,
          { id: accessIds.apiKey(id) },
          mine.secret,
        )
      ).body.data!.revokeApiKey.problems?.[0]?.code;
    expect(await codeOf(everywhere.id)).toBe('NOT_FOUND');
    expect(await codeOf(here.id)).toBeUndefined();
    expect((await api.send(whoAmI, {}, here.secret)).status).toBe(401);
    expect((await api.send(whoAmI, {}, everywhere.secret)).status).toBe(200);
  });

  test('with a key to one project neither ends nor shows what its user has elsewhere', async () => {
    // As an owner of a project may make it, for somebody who is a member of others too, or administers the server.
    const zoeId = await insertUser(api.dataSource, 'zoe', { administrator: true, roles: { [otherId]: 'VIEWER' } });
    const confined = await insertKey(api.dataSource, zoeId, { projectId: otherId });
    const sibling = await insertKey(api.dataSource, zoeId, { projectId: otherId });
    const elsewhere = await insertKey(api.dataSource, zoeId, { projectId: api.projectId });
    const everywhere = await insertKey(api.dataSource, zoeId);
    const sessionId = await insertSession(api.dataSource, zoeId);
    for (const { id } of [elsewhere, everywhere]) {
      expect((await api.send(revoke, { id: accessIds.apiKey(id) }, confined.secret)).body.data).toMatchObject({
        revokeApiKey: { problems: [{ code: 'NOT_FOUND' }] },
      });
    }
    const seen = /* GraphQL */ `query ($elsewhere: ID!, $everywhere: ID!, $sibling: ID!, $session: ID!) {
      viewer { apiKeys { totalCount nodes { id } } sessions { totalCount nodes { id } } }
      elsewhere: node(id: $elsewhere) { id } everywhere: node(id: $everywhere) { id } sibling: node(id: $sibling) { id }
      session: node(id: $session) { id }
    }`;
    const ids = {
      elsewhere: accessIds.apiKey(elsewhere.id),
      everywhere: accessIds.apiKey(everywhere.id),
      sibling: accessIds.apiKey(sibling.id),
      session: globalId('Session', sessionId),
    };
    expect((await api.send(seen, ids, confined.secret)).body.data).toEqual({
      viewer: {
        apiKeys: { totalCount: 2, nodes: [{ id: ids.sibling }, { id: accessIds.apiKey(confined.id) }] },
        sessions: { totalCount: 0, nodes: [] },
      },
      elsewhere: null,
      everywhere: null,
      sibling: { id: ids.sibling },
      session: null,
    });
    expect((await api.send(seen, ids, everywhere.secret)).body.data).toMatchObject({
      viewer: { apiKeys: { totalCount: 4 }, sessions: { totalCount: 1 } },
      session: { id: ids.session },
    });
    expect((await api.send(revoke, { id: ids.sibling }, confined.secret)).body.data).toMatchObject({
      revokeApiKey: { revokedAt: expect.any(String) },
    });
  });
});
