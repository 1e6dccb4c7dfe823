import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { digestOfApiKey } from '../../../src/access/api-key-secret.js';
import { createKnownKeys } from '../../../src/access/known-keys.js';
import { roleIn } from '../../../src/access/viewer.js';
import { poolQuery } from '../../../src/database/transaction.js';
import { globalId } from '../../../src/graphql/global-id.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { countStatements } from '../../support/statements.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const viewerId = '{ viewer { id } }';
const status = async (secret: string): Promise<number> => (await api.send(viewerId, {}, secret)).status;

test('a key is looked up once for many requests, which count for its rate limit without a statement', async () => {
  const { secret } = await insertKey(api.dataSource, await insertUser(api.dataSource, 'often'));
  const alone = await countStatements(api, async () => expect(await status(secret)).toBe(200));
  const together = await countStatements(api, async () => {
    for (let i = 0; i < 20; i++) expect(await status(secret)).toBe(200);
  });
  expect(alone).toBeGreaterThanOrEqual(1);
  // A second or two may pass on a busy machine, and each looks the key up again.
  expect(together).toBeLessThan(15);
});

test('a key that this server revokes is refused with the next request', async () => {
  const userId = await insertUser(api.dataSource, 'revokes');
  const [own, revoked] = [await insertKey(api.dataSource, userId), await insertKey(api.dataSource, userId)];
  expect(await status(revoked.secret)).toBe(200);
  const revoke = 'mutation ($id: ID!) { revokeApiKey(input: { apiKeyId: $id }) { __typename } }';
  const { body } = await api.send<object>(revoke, { id: globalId('ApiKey', revoked.id) }, own.secret);
  expect(body.errors).toBeUndefined();
  expect(await status(revoked.secret)).toBe(401);
  expect(await status(own.secret)).toBe(200);
});

test('rights that another process takes are taken here, too', async () => {
  const userId = await insertUser(api.dataSource, 'elsewhere', { roles: { [api.projectId]: 'OWNER' } });
  const key = await insertKey(api.dataSource, userId);
  const role = async (): Promise<unknown> =>
    (await api.send<{ project: unknown }>('{ project(slug: "default") { id } }', {}, key.secret)).body.data?.project;
  expect(await role()).not.toBeNull();
  await api.dataSource.query('DELETE FROM members WHERE user_id = $1', [userId]);
  await vi.waitFor(async () => expect(await role()).toBeNull());
  await api.dataSource.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [key.id]);
  await vi.waitFor(async () => expect(await status(key.secret)).toBe(401));
});

test('what is known ends with its time, with the key, and with a change that comes while it is read', async () => {
  const userId = await insertUser(api.dataSource, 'timed', { roles: { [api.projectId]: 'VIEWER' } });
  const { secret } = await insertKey(api.dataSource, userId, { expiresInSeconds: 1_000 });
  const digest = digestOfApiKey(secret)!;
  let now = Date.now();
  let reads = 0;
  let during = (): void => undefined;
  const query = poolQuery(api.dataSource);
  const keys = createKnownKeys(
    async (sql, parameters) => {
      reads += sql.startsWith('SELECT') ? 1 : 0;
      const rows = await query(sql, parameters);
      during();
      return rows as never;
    },
    () => now,
  );
  expect(roleIn((await keys.viewerOf(digest))!, api.projectId)).toBe('VIEWER');
  now += 999;
  await keys.viewerOf(digest);
  expect(reads).toBe(1);
  now += 1;
  await keys.viewerOf(digest);
  expect(reads).toBe(2);
  keys.forget('another');
  await keys.viewerOf(digest);
  expect(reads).toBe(2);
  keys.forget(userId);
  during = () => keys.forget(userId);
  await keys.viewerOf(digest);
  during = () => undefined;
  await keys.viewerOf(digest);
  expect(reads).toBe(4);
  // The clock that keys expire by is beyond the key's end: it is looked up again each time.
  now += 2_000_000;
  await keys.viewerOf(digest);
  await keys.viewerOf(digest);
  expect(reads).toBe(6);
  expect(await keys.viewerOf('unknown')).toBeNull();
});
