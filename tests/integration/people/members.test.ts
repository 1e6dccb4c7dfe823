import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../../src/access/rights.js';
import { accessIds, insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
/** Of an owner of the project who is no administrator. */
let ownerId: string;
let owner: string;
beforeAll(async () => {
  api = await startTestApi({ host: '0.0.0.0' });
  ownerId = await insertUser(api.dataSource, 'olga', { roles: { [api.projectId]: 'OWNER' } });
  owner = (await insertKey(api.dataSource, ownerId)).secret;
});
afterAll(() => api?.close());

interface Result {
  readonly problems?: readonly {
    readonly path: readonly string[];
    readonly code: string;
    readonly hint: string | null;
  }[];
  readonly role?: Role;
  readonly user?: { readonly id: string; readonly name: string };
  readonly slug?: string;
  readonly id?: string;
  readonly administrator?: boolean;
}

const selections: Readonly<Record<string, string>> = {
  addMember: '... on Member { role user { id name } }',
  changeMemberRole: '... on Member { role user { id name } }',
  removeMember: '... on Project { slug }',
  createProject: '... on Project { id slug }',
  updateProject: '... on Project { slug }',
  setAdministrator: '... on User { id }',
  deactivateUser: '... on User { id }',
  reactivateUser: '... on User { id }',
};

async function mutate(name: string, input: Record<string, unknown>, key?: string): Promise<Result> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${inputs[name] ?? type}!) { ${name}(input: $input) {
    ${selections[name]} ... on Problems { problems { path code hint } } } }`;
  if (key === undefined) return (await api.request<Record<string, Result>>(query, { input }))[name]!;
  return (await api.send<Record<string, Result>>(query, { input }, key)).body.data![name]!;
}

const inputs: Readonly<Record<string, string>> = {
  deactivateUser: 'UserActionInput',
  reactivateUser: 'UserActionInput',
};

const codes = ({ problems }: Result) => problems?.map(({ path, code }) => [code, ...path].join(' '));

describe('members', () => {
  test('are added by address, known or not, upper or lower case', async () => {
    const first = await mutate('addMember', { email: ' Ada@Example.org ', name: 'Ada', role: 'VIEWER' }, owner);
    expect(first).toMatchObject({ role: 'VIEWER', user: { name: 'Ada' } });
    const again = await mutate('addMember', { email: 'ada@example.org', role: 'VIEWER' }, owner);
    expect(again).toEqual(first);
    expect(codes(await mutate('addMember', { email: 'ada@example.org', role: 'OWNER' }, owner))).toEqual([
      'ALREADY_EXISTS email',
    ]);
    expect(codes(await mutate('addMember', { email: 'no address', role: 'OWNER' }, owner))).toEqual([
      'INVALID_VALUE email',
    ]);
    const long = { email: 'long@example.org', name: 'n'.repeat(201), role: 'VIEWER' };
    expect(codes(await mutate('addMember', long, owner))).toEqual(['INVALID_VALUE name']);
    // Without a name of their own they have their address's, which may be longer.
    const address = `${'a'.repeat(64)}@${Array(3).fill('b'.repeat(60)).join('.')}.org`;
    expect(await mutate('addMember', { email: address, role: 'VIEWER' }, owner)).toMatchObject({
      user: { name: address },
    });
  });

  test('added twice at once with one key are added once', async () => {
    const input = { email: 'twice@example.org', role: 'ANNOTATOR', idempotencyKey: 'add-1' };
    const both = await Promise.all([mutate('addMember', input, owner), mutate('addMember', input, owner)]);
    expect(both[0]).toEqual(both[1]);
    expect(codes(await mutate('addMember', { ...input, email: 'other@example.org' }, owner))).toEqual([
      'IDEMPOTENCY_KEY_REUSED idempotencyKey',
    ]);
  });

  test('get another role, and go', async () => {
    const { user } = await mutate('addMember', { email: 'bo@example.org', role: 'VIEWER' }, owner);
    expect(await mutate('changeMemberRole', { userId: user!.id, role: 'MAINTAINER' }, owner)).toMatchObject({
      role: 'MAINTAINER',
    });
    expect(await mutate('removeMember', { userId: user!.id }, owner)).toEqual({ slug: 'default' });
    expect(codes(await mutate('removeMember', { userId: user!.id }, owner))).toEqual(['NOT_FOUND userId']);
  });

  test('of whom the last owner stays, unless an administrator says otherwise', async () => {
    const userId = accessIds.user(ownerId);
    expect(codes(await mutate('removeMember', { userId }, owner))).toEqual(['CONFLICT userId']);
    expect(codes(await mutate('changeMemberRole', { userId, role: 'VIEWER' }, owner))).toEqual(['CONFLICT userId']);
    const { user } = await mutate('addMember', { email: 'second@example.org', role: 'OWNER' }, owner);
    expect(await mutate('changeMemberRole', { userId, role: 'VIEWER' }, owner)).toMatchObject({ role: 'VIEWER' });
    expect(await mutate('changeMemberRole', { userId, role: 'OWNER' })).toMatchObject({ role: 'OWNER' });
    expect(await mutate('removeMember', { userId: user!.id })).toEqual({ slug: 'default' });
  });

  test('see one another, not their addresses', async () => {
    const viewerId = await insertUser(api.dataSource, 'vera', { roles: { [api.projectId]: 'VIEWER' } });
    const { secret } = await insertKey(api.dataSource, viewerId);
    const strangerId = await insertUser(api.dataSource, 'stranger');
    const { body } = await api.send<{ project: { members: { nodes: { user: { name: string }; email: null }[] } } }>(
      `query ($other: ID!) { project { members { nodes { user { name } email } } } stranger: node(id: $other) { id } }`,
      { other: accessIds.user(strangerId) },
      secret,
    );
    expect(body.data).toMatchObject({ stranger: null });
    const { nodes } = body.data!.project.members;
    expect(nodes.map(({ user }) => user.name)).toContain('olga');
    expect(new Set(nodes.map(({ email }) => email))).toEqual(new Set([null]));
    expect(new Set(body.errors!.map(({ extensions }) => extensions.code))).toEqual(new Set(['FORBIDDEN']));
  });
});

describe('projects', () => {
  test('are made by administrators, and are theirs; what comes with the server is in them', async () => {
    expect(codes(await mutate('createProject', { slug: 'mine', name: 'Mine' }, owner))).toEqual(['FORBIDDEN']);
    const input = { slug: 'lab', name: 'Lab', idempotencyKey: 'p-1' };
    const [one, two] = await Promise.all([mutate('createProject', input), mutate('createProject', input)]);
    expect(one).toEqual(two);
    expect(codes(await mutate('createProject', { slug: 'lab', name: 'Other' }))).toEqual(['ALREADY_EXISTS slug']);
    expect(codes(await mutate('createProject', { slug: 'No Slug', name: 'x' }))).toEqual(['INVALID_VALUE slug']);
    const { project } = await api.request<{ project: object }>(
      '{ project(slug: "lab") { viewerRole members { nodes { role user { name } } } } }',
    );
    expect(project).toEqual({ viewerRole: 'OWNER', members: { nodes: [{ role: 'OWNER', user: { name: 'owner' } }] } });
    // Not even its name for those who are no members.
    const { body } = await api.send('{ project(slug: "lab") { name } }', {}, owner);
    expect(body.data).toEqual({ project: null });
  });
});

describe('administrators', () => {
  test('shut users out and let them in again, but not themselves', async () => {
    const userId = await insertUser(api.dataSource, 'leaving', { roles: { [api.projectId]: 'VIEWER' } });
    const { secret } = await insertKey(api.dataSource, userId);
    const status = async () => (await api.send('{ viewer { name } }', {}, secret)).status;
    expect(await status()).toBe(200);
    await mutate('deactivateUser', { userId: accessIds.user(userId) });
    expect(await status()).toBe(401);
    await mutate('reactivateUser', { userId: accessIds.user(userId) });
    expect(await status()).toBe(200);
    expect(
      codes(await mutate('deactivateUser', { userId: accessIds.user('00000000-0000-4000-8000-000000000001') })),
    ).toEqual(['CONFLICT userId']);
  });

  test('are made by administrators', async () => {
    const userId = await insertUser(api.dataSource, 'next');
    const { secret } = await insertKey(api.dataSource, userId);
    const query = '{ users { nodes { name } } }';
    expect((await api.send(query, {}, secret)).body.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    await mutate('setAdministrator', { userId: accessIds.user(userId), administrator: true });
    expect((await api.send(query, {}, secret)).body.errors).toBeUndefined();
    const limited = await insertKey(api.dataSource, userId, { projectId: api.projectId });
    expect((await api.send(query, {}, limited.secret)).body.errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
  });
});
