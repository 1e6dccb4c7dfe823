import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertProject, insertUser, type TestKey } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestExperiment } from '../../support/runs.js';

interface Account {
  readonly role: string;
  readonly user: { readonly id: string; readonly name: string; readonly kind: string };
}
type Outcome<Type> = Type & { readonly problems?: readonly { path: string[]; code: string }[] };

let api: TestApi;
let ownerId: string;
let owner: TestKey;
beforeAll(async () => {
  api = await startTestApi({ host: '0.0.0.0' });
  await insertProject(api.dataSource, 'other');
  ownerId = await insertUser(api.dataSource, 'olga', { roles: { [api.projectId]: 'OWNER' } });
  owner = await insertKey(api.dataSource, ownerId);
});
afterAll(() => api?.close());

async function mutate<Type>(key: string, name: string, input: object, selection: string): Promise<Outcome<Type>> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const { body } = await api.send<Record<string, Outcome<Type>>>(
    `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} ... on Problems { problems { path code } } } }`,
    { input },
    key,
  );
  if (body.errors !== undefined) throw new Error(JSON.stringify(body.errors));
  return body.data![name]!;
}

const create = (input: object, key = owner.secret) =>
  mutate<Account>(key, 'createServiceAccount', input, '... on Member { role user { id name kind } }');

async function keyFor(userId: string, scopes: string[], key = owner.secret): Promise<string> {
  const made = await mutate<{ secret: string }>(
    key,
    'createApiKey',
    { name: 'pipeline', scopes, userId, projectSlug: 'default' },
    '... on CreatedApiKey { secret }',
  );
  return made.secret;
}

const viewerOf = (key: string) =>
  api.send<{ viewer: object }>('{ viewer { name kind email administrator credential } }', {}, key);

describe('a service account', () => {
  test('is a member whose keys act as itself: authors and the audit log name it', async () => {
    const account = await create({ name: ' nightly training ', role: 'MAINTAINER' });
    expect(account).toEqual({
      role: 'MAINTAINER',
      user: { id: expect.any(String), name: 'nightly training', kind: 'SERVICE' },
    });
    const key = await keyFor(account.user.id, ['TRAIN']);
    expect((await viewerOf(key)).body.data?.viewer).toEqual({
      name: 'nightly training',
      kind: 'SERVICE',
      email: null,
      administrator: false,
      credential: 'API_KEY',
    });

    const { id } = await createTestExperiment(api, { name: 'tonight' });
    await mutate(key, 'updateExperiment', { experimentId: id, name: 'renamed' }, '__typename');
    const { project } = await api.request<{ project: { auditLog: { nodes: object[] } } }>(
      `query ($user: [ID!]) { project { auditLog(filter: { user: $user }) { nodes {
        action user { name kind } apiKey { name user { name } createdBy { name } } } } } }`,
      { user: [account.user.id] },
    );
    expect(project.auditLog.nodes).toEqual([
      {
        action: 'updateExperiment',
        user: { name: 'nightly training', kind: 'SERVICE' },
        apiKey: { name: 'pipeline', user: { name: 'nightly training' }, createdBy: { name: 'olga' } },
      },
    ]);
  });

  test('does not depend on the person who made it and its keys', async () => {
    const makerId = await insertUser(api.dataSource, 'max', { roles: { [api.projectId]: 'OWNER' } });
    const maker = await insertKey(api.dataSource, makerId);
    const account = await create({ name: 'lasting', role: 'VIEWER' }, maker.secret);
    const key = await keyFor(account.user.id, ['READ'], maker.secret);
    await api.request(
      'mutation ($userId: ID!) { deactivateUser(input: { userId: $userId }) { ... on Problems { problems { code } } } }',
      { userId: globalId('User', makerId) },
    );
    expect((await viewerOf(maker.secret)).status).toBe(401);
    expect((await viewerOf(key)).body.data?.viewer).toMatchObject({ name: 'lasting' });
  });

  test('may do what role and key allow, in its project alone', async () => {
    const { user } = await create({ name: 'reader', role: 'VIEWER' });
    const key = await keyFor(user.id, ['TRAIN', 'ADMINISTER']);
    const { id } = await createTestExperiment(api, { name: 'not to be canceled' });
    const cancel =
      'mutation ($id: ID!) { cancelExperiment(input: { experimentId: $id }) { ... on Problems { problems { code } } } }';
    const refused = { cancelExperiment: { problems: [{ code: 'FORBIDDEN' }] } };
    expect((await api.send(cancel, { id }, key)).body.data).toEqual(refused);
    await mutate(owner.secret, 'changeMemberRole', { userId: user.id, role: 'MAINTAINER' }, '__typename');
    expect((await api.send(cancel, { id }, key)).body.data).toEqual({ cancelExperiment: {} });
    const { body } = await api.send(
      '{ projects(first: 5) { nodes { slug } } other: project(slug: "other") { slug } }',
      {},
      key,
    );
    expect(body.data).toEqual({ projects: { nodes: [{ slug: 'default' }] }, other: null });
  });

  test('ends when it is removed: its keys get 401, and its name is free again', async () => {
    const { user } = await create({ name: 'short-lived', role: 'OWNER' });
    const key = await keyFor(user.id, ['READ']);
    expect((await create({ name: 'Short-Lived', role: 'VIEWER' })).problems).toEqual([
      { path: ['name'], code: 'ALREADY_EXISTS' },
    ]);
    await mutate(owner.secret, 'removeMember', { userId: user.id }, '__typename');
    expect((await viewerOf(key)).status).toBe(401);
    expect(await create({ name: 'short-lived', role: 'VIEWER' })).toMatchObject({ user: { kind: 'SERVICE' } });
  });

  test('is not reactivated beside another one of its name', async () => {
    const { user } = await create({ name: 'twice', role: 'VIEWER' });
    await mutate(owner.secret, 'removeMember', { userId: user.id }, '__typename');
    await create({ name: 'twice', role: 'VIEWER' });
    const { reactivateUser } = await api.request<{ reactivateUser: Outcome<object> }>(
      'mutation ($userId: ID!) { reactivateUser(input: { userId: $userId }) { ... on Problems { problems { path code } } } }',
      { userId: user.id },
    );
    expect(reactivateUser).toEqual({ problems: [{ path: ['userId'], code: 'CONFLICT' }] });
  });

  test('does not count as an owner who may be left alone with a project', async () => {
    await create({ name: 'owning', role: 'OWNER' });
    await api.dataSource.query(`DELETE FROM members USING users u WHERE u.id = user_id AND u.name = 'max'`);
    const remove = await mutate(
      owner.secret,
      'removeMember',
      { userId: Buffer.from(`User:${ownerId}`).toString('base64') },
      '__typename',
    );
    expect(remove.problems).toEqual([{ path: ['userId'], code: 'CONFLICT' }]);
  });

  test('can not administer the server', async () => {
    const { user } = await create({ name: 'no root', role: 'OWNER' });
    const { setAdministrator } = await api.request<{ setAdministrator: Outcome<object> }>(
      `mutation ($userId: ID!) { setAdministrator(input: { userId: $userId, administrator: true }) {
        ... on Problems { problems { path code } } } }`,
      { userId: user.id },
    );
    expect(setAdministrator.problems).toEqual([{ path: ['userId'], code: 'CONFLICT' }]);
  });

  test('is created by owners alone, once for each idempotency key, with a name that lists can show', async () => {
    const viewer = await insertKey(
      api.dataSource,
      await insertUser(api.dataSource, 'vera', { roles: { [api.projectId]: 'MAINTAINER' } }),
    );
    expect((await create({ name: 'x', role: 'VIEWER' }, viewer.secret)).problems).toMatchObject([
      { code: 'FORBIDDEN' },
    ]);
    expect((await create({ name: ' ', role: 'VIEWER' })).problems).toEqual([{ path: ['name'], code: 'INVALID_VALUE' }]);
    const once = { name: 'once', role: 'VIEWER', idempotencyKey: 'once' };
    expect(await create(once)).toEqual(await create(once));
    expect((await create({ ...once, role: 'OWNER' })).problems).toEqual([
      { path: ['idempotencyKey'], code: 'IDEMPOTENCY_KEY_REUSED' },
    ]);
  });

  test('is listed beside people, or alone', async () => {
    const { project } = await api.request<{ project: Record<string, { nodes: Account[]; totalCount: number }> }>(
      `{ project {
        services: members(first: 100, kind: SERVICE) { totalCount nodes { user { kind } } }
        people: members(first: 100, kind: PERSON) { totalCount nodes { user { kind } } }
        all: members(first: 100) { totalCount } } }`,
    );
    const { services, people, all } = project;
    expect(new Set(services!.nodes.map(({ user }) => user.kind))).toEqual(new Set(['SERVICE']));
    expect(new Set(people!.nodes.map(({ user }) => user.kind))).toEqual(new Set(['PERSON']));
    expect(all!.totalCount).toBe(services!.totalCount + people!.totalCount);
  });
});
