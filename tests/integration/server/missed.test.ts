import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';

/** What whoever begins gets wrong: the answer says what, and what to do. */
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  await api.close();
});

describe('an address', () => {
  test.each([
    ['GET', '/graphq'],
    ['POST', '/'],
    ['GET', '/index.htm'],
    ['DELETE', '/health/live'],
    ['GET', '/%2e%2e/package.json'],
  ] as const)('%s %s is nothing', async (method, path) => {
    const { status, body } = await request(api.url)[method === 'GET' ? 'get' : method === 'POST' ? 'post' : 'delete'](
      path,
    );
    expect([status, body]).toEqual([
      404,
      {
        code: 'NOT_FOUND',
        message: `There is nothing to ${method} at this address.`,
        hint: 'GraphQL is at /graphql, by POST; the explorer page is at /.',
      },
    ]);
  });

  test.each(['/', '/initial_options.js', '/styles.css'])('GET %s is of the explorer page', async (path) => {
    expect((await request(api.url).get(path)).status).toBe(200);
  });
});

describe('a body', () => {
  const post = (type: string, body: string) => request(api.url).post('/graphql').set('content-type', type).send(body);

  test('that is no JSON', async () => {
    const { status, body } = await post('application/json', '{ viewer { name } }');
    const [{ message, extensions }] = body.errors;
    expect([status, extensions]).toEqual([400, { code: 'BAD_REQUEST' }]);
    expect(message).toMatch(/^The body is not JSON: .+\.$/);
  });

  test('without its type', async () => {
    const { status, body } = await post('application/x-www-form-urlencoded', '{"query":"{ viewer { name } }"}');
    const [{ message, extensions }] = body.errors;
    expect([status, extensions]).toEqual([400, { code: 'BAD_REQUEST' }]);
    expect(message).toContain('Send `content-type: application/json` with a POST');
  });

  test('that is too large', async () => {
    const { status, body } = await post('application/json', JSON.stringify({ query: ' '.repeat(32 * 2 ** 20) }));
    expect([status, body]).toEqual([
      413,
      { errors: [{ message: 'The body is larger than 33554432 bytes.', extensions: { code: 'REQUEST_TOO_LARGE' } }] },
    ]);
  });
});
