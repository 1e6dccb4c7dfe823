import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthenticator } from '../../../src/access/authenticate.js';
import { localViewer, type Viewer } from '../../../src/access/viewer.js';
import { poolQuery } from '../../../src/database/transaction.js';
import { insertKey, insertUser } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

test('thousands of open connections are looked at again by two statements, whoever they belong to', async () => {
  const { dataSource, projectId } = api;
  const users = await Promise.all(
    ['ann', 'ben', 'cleo'].map((name) => insertUser(dataSource, name, { roles: { [projectId]: 'VIEWER' } })),
  );
  const key = await insertKey(dataSource, users[0]!);
  await dataSource.query('UPDATE users SET deactivated_at = now() WHERE id = $1', [users[2]]);
  let statements = 0;
  const query = poolQuery(dataSource);
  const authenticator = createAuthenticator({
    query: (sql, parameters) => {
      statements += 1;
      return query(sql, parameters);
    },
    keys: { viewerOf: async () => null },
    isLocal: () => true,
    sessions: { find: async () => null, stillOpen: async (ids) => new Set(ids.filter((id) => id !== 'ended')) },
  });
  const as = (userId: string, credential: Viewer['credential']): Viewer => ({ ...localViewer, userId, credential });
  const session = (id: string) => ({ kind: 'SESSION', id, expiresAt: new Date(8.64e15) }) as const;
  const keyed = { kind: 'API_KEY', id: key.id, scopes: [], projectId: null, expiresAt: null } as const;
  const viewers = Array.from({ length: 1_000 }, (_, i) => [
    as(users[i % 3]!, session(`${i}`)),
    as(users[1]!, session('ended')),
    as(users[0]!, keyed),
    localViewer,
  ]).flat();
  const again = await authenticator.again(viewers);
  expect(statements).toBe(2);
  const names = again.slice(0, 12).map((viewer) => viewer?.name ?? null);
  expect(names).toEqual([
    'ann',
    null,
    'ann',
    localViewer.name,
    'ben',
    null,
    'ann',
    localViewer.name,
    null,
    null,
    'ann',
    localViewer.name,
  ]);
  expect(again[0]!.roles.get(projectId)).toBe('VIEWER');
  expect(again[0]!.credential).toBe(viewers[0]!.credential);
  expect(again).toHaveLength(4_000);
});
