import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownerUserId } from '../../../src/access/viewer.js';
import { insertKey } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

const viewer = '{ viewer { id } }';

describe('rate limits', () => {
  let database: TestDatabase;
  let first: TestApi;
  let second: TestApi;
  beforeAll(async () => {
    database = await createTestDatabase();
    first = await startTestApi({ database, network: { rateLimit: 20 } });
    second = await startTestApi({ database, network: { rateLimit: 20 } });
  });
  afterAll(async () => {
    await first.close();
    await second.close();
    await database.drop();
  });

  const post = (api: TestApi, key: string, query: string) =>
    request(api.url).post('/graphql').set('authorization', `Bearer ${key}`).send({ query });

  test('of a key hold over two API processes; others have their own', async () => {
    const { secret } = await insertKey(first.dataSource, ownerUserId);
    const begun = await post(first, secret, viewer);
    expect(begun.headers).toMatchObject({
      'ratelimit-policy': '20;w=60',
      'ratelimit-limit': '20',
      'ratelimit-remaining': '19',
      'cache-control': 'no-store',
    });
    expect(begun.headers).not.toHaveProperty('retry-after');
    for (let i = 0; i < 19; i++) expect((await post(second, secret, viewer)).status).toBe(200);

    const refused = await post(first, secret, viewer);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED', limit: 20, cost: 1 } }] });
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.headers['ratelimit-remaining']).toBe('0');
    // Now the process knows: nothing of the request is looked at.
    const flood = await request(first.url)
      .post('/graphql')
      .set('authorization', `Bearer ${secret}`)
      .type('json')
      .send('{');
    expect([flood.status, flood.body.errors[0].extensions]).toMatchObject([429, { code: 'RATE_LIMITED', cost: null }]);

    const other = await insertKey(first.dataSource, ownerUserId);
    expect((await post(first, other.secret, viewer)).status).toBe(200);
  });

  test('count what operations cost: complexity, changes, and faults', async () => {
    const { secret } = await insertKey(first.dataSource, ownerUserId);
    const left = async (query: string) => Number((await post(first, secret, query)).headers['ratelimit-remaining']);
    // project 1 + datasets (1 + 100 × (nodes 1 + name 1 + id 1)) = 302: four points.
    expect(await left('{ project { datasets(first: 100) { nodes { name id } } } }')).toBe(16);
    // A change: one and nine.
    expect(await left('mutation { cancelExperiment(input: { experimentId: "x" }) { __typename } }')).toBe(6);
    expect(await left('{ nothing }')).toBe(5);
    expect(await left('{')).toBe(4);
    expect(await left('{ project { datasets(first: 101) { nodes { name } } } }')).toBe(3);
  });

  test('hold over WebSocket too', async () => {
    const { secret } = await insertKey(first.dataSource, ownerUserId);
    for (let i = 0; i < 20; i++) await post(first, secret, viewer);
    const outcome = await second
      .connect({ authorization: `Bearer ${secret}` })
      .iterate({ query: viewer })
      .next()
      .catch((error: unknown) => error);
    expect(outcome).toMatchObject([{ extensions: { code: 'RATE_LIMITED', limit: 20, cost: 1 } }]);
  });

  test('are none for who works on this machine', async () => {
    for (let i = 0; i < 30; i++) expect((await first.send(viewer)).status).toBe(200);
    const { headers } = await request(first.url).post('/graphql').send({ query: viewer });
    expect(headers).not.toHaveProperty('ratelimit-limit');
  });
});

test('bad credentials are looked up so often from one address, and no more', async () => {
  await using api = await startTestApi({ network: { trustedProxies: ['127.0.0.1'] } });
  const { secret } = await insertKey(api.dataSource, ownerUserId);
  const from = (address: string, key: string) =>
    request(api.url)
      .post('/graphql')
      .set({ 'x-forwarded-for': address, authorization: `Bearer ${key}` })
      .send({ query: viewer });
  const bad = 'attune_nonsense';
  const statuses = await Promise.all(Array.from({ length: 60 }, async () => (await from('192.0.2.1', bad)).status));
  expect(statuses).toEqual(Array(60).fill(401));
  const refused = await from('192.0.2.1', bad);
  expect([refused.status, refused.body.errors[0].extensions.code]).toEqual([429, 'RATE_LIMITED']);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await from('192.0.2.1', secret)).status).toBe(429);
  expect((await from('192.0.2.2', secret)).status).toBe(200);
  expect((await from('192.0.2.2', bad)).status).toBe(401);
  // Known to be good by now: whoever guesses does not shut it out.
  expect((await from('192.0.2.1', secret)).status).toBe(200);
  expect((await from('192.0.2.1', bad)).status).toBe(429);
  await api.dataSource.query('UPDATE api_keys SET revoked_at = now() WHERE user_id = $1', [ownerUserId]);
  // A key is known until the notification of the change has come, and for a second without it.
  await expect.poll(async () => (await from('192.0.2.1', secret)).status, { timeout: 5_000 }).toBe(429);
});

describe('lists of operations', () => {
  test('are refused unless they are allowed', async () => {
    await using api = await startTestApi();
    const { status, body } = await request(api.url)
      .post('/graphql')
      .send([{ query: viewer }]);
    expect([status, body]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'BATCH_TOO_LARGE', actual: 1, limit: 1 } }] },
    ]);
  });

  test('are run up to their limit, and share one complexity', async () => {
    await using api = await startTestApi({ network: { maxBatchSize: 3, maxComplexity: 100 } });
    const post = (...queries: string[]) =>
      request(api.url)
        .post('/graphql')
        .send(queries.map((query) => ({ query })));
    const three = await post(viewer, '{ nothing }', viewer);
    expect(three.body).toMatchObject([{ data: {} }, { errors: [{}] }, { data: {} }]);
    const four = await post(viewer, viewer, viewer, viewer);
    expect([four.status, four.body]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'BATCH_TOO_LARGE', actual: 4, limit: 3 } }] },
    ]);
    // Each costs 1 + 1 + 20 × 2 = 42.
    const page = '{ project { datasets { nodes { name } } } }';
    const costly = await post(page, page, page);
    expect(costly.body.map(({ errors }: { errors?: unknown }) => errors === undefined)).toEqual([true, true, false]);
    expect(costly.body[2].errors[0].extensions).toMatchObject({
      code: 'OPERATION_TOO_COSTLY',
      actual: 126,
      limit: 100,
    });
  });
});

describe('persisted documents', () => {
  const known = 'query Version { serverInfo { version } }';
  let folder: string;
  let path: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attune-documents-'));
    path = join(folder, 'documents.json');
    await writeFile(path, JSON.stringify({ version: known, changes: 'subscription { workerStatus { id } }' }));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const answer = { data: { serverInfo: { version: '0.0.0-test' } } };
  const preflighted = { 'apollo-require-preflight': 'yes' };

  test('alone are run in allow-list mode, over HTTP and WebSocket', async () => {
    await using api = await startTestApi({ network: { documentMode: 'persisted-only', documentPaths: [path] } });
    const post = (body: object) => request(api.url).post('/graphql').send(body);
    expect((await post({ documentId: 'version' })).body).toEqual(answer);
    expect((await post({ query: known })).body).toEqual(answer);
    const get = await request(api.url).get('/graphql').set(preflighted).query({ documentId: 'version' });
    expect(get.body).toEqual(answer);
    expect((await request(api.url).get('/graphql').query({ documentId: 'version' })).status).toBe(400);

    const other = await post({ query: viewer });
    expect([other.status, other.body]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'PERSISTED_DOCUMENT_REQUIRED' } }] },
    ]);
    const unknown = await post({ documentId: 'unknown' });
    expect([unknown.status, unknown.body]).toMatchObject([200, { errors: [{ message: 'PersistedQueryNotFound' }] }]);
    const search = await request(api.url).get('/graphql').set(preflighted).query({ query: viewer });
    expect(search.status).toBe(400);
    const mixed = await request(api.url)
      .get('/graphql')
      .set(preflighted)
      .query(`query=${encodeURIComponent(known)}&query=${encodeURIComponent(viewer)}`);
    expect(mixed.status).toBe(400);

    const client = api.connect();
    const ask = (payload: Record<string, unknown>) =>
      client
        .iterate({ query: '', ...payload })
        .next()
        .then(
          ({ value }) => value,
          (error: unknown) => error,
        );
    expect(await ask({ documentId: 'version' })).toEqual(answer);
    expect(await ask({ query: known })).toEqual(answer);
    expect(await ask({ query: viewer })).toMatchObject([{ extensions: { code: 'PERSISTED_DOCUMENT_REQUIRED' } }]);
    expect(await ask({ documentId: 'unknown' })).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }]);
  });

  test('are run beside others otherwise, and none is registered at run time', async () => {
    await using api = await startTestApi({ network: { documentPaths: [path] } });
    const post = (body: object) => request(api.url).post('/graphql').send(body);
    expect((await post({ documentId: 'version' })).body).toEqual(answer);
    expect((await post({ query: viewer })).status).toBe(200);
    const { createHash } = await import('node:crypto');
    const extensions = {
      persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(viewer).digest('hex') },
    };
    expect((await post({ query: viewer, extensions })).body).toMatchObject({ data: { viewer: {} } });
    expect((await post({ extensions })).body).toMatchObject({
      errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
    });
  });
});

describe('bodies that would take long to read', () => {
  const deep = `{"query":"{ viewer { id } }","extensions":{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}}`;

  test.each([
    ['as they are', {}, deep, 400],
    ['compressed', { 'content-encoding': 'gzip' }, gzipSync(deep), 400],
    ['wide', {}, `{"query":"{ viewer { id } }","extensions":{"a":[${'{},'.repeat(200_000)}1]}}`, 400],
    [
      'in an encoding that hides it',
      { 'content-type': 'application/json; charset=utf-16le' },
      Buffer.from(deep, 'utf16le'),
      415,
    ],
  ])('are refused unread: %s', async (_, headers, body, status) => {
    await using api = await startTestApi();
    const answer = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  test('are not those with long texts', async () => {
    await using api = await startTestApi();
    const text = '[{,'.repeat(5_000_000);
    const { status, body } = await api.send('query ($slug: String!) { project(slug: $slug) { id } }', { slug: text });
    expect([status, body]).toEqual([200, { data: { project: null } }]);
  });
});
