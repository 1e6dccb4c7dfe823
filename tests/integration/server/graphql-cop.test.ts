import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphqlPath } from '../../../src/server/http-app.js';
import { startTestApi, type TestApi } from '../../support/api.js';

/**
 * Each check of graphql-cop 1.15 (and the one it has switched off), sent as it sends it, with what it takes for a
 * finding. That the schema can be read is one we mean, for whoever may ask anything, and a setting closes it.
 */

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const agent = 'graphql-cop/1.15';

async function post(query: string): Promise<{ status: number; body: Record<string, unknown>; text: string }> {
  const sent = { query, operationName: 'cop' };
  return request(api.url).post(graphqlPath).set('User-Agent', agent).send(sent);
}

const get = (query: Record<string, string> = {}, accept = '*/*') =>
  request(api.url).get(graphqlPath).set('User-Agent', agent).set('Accept', accept).query(query);

describe('denial of service', () => {
  test('alias overloading: 101 aliases', async () => {
    const aliases = Array.from({ length: 101 }, (_, i) => `alias${i}:__typename \n`).join('');
    const { status, body } = await post(`query cop { ${aliases} }`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ extensions: { measure: 'number of aliases', actual: 101 } }] });
    expect(body).not.toHaveProperty('data');
  });

  test('array-based query batching: 10 operations in a list', async () => {
    const { status, body } = await request(api.url)
      .post(graphqlPath)
      .send(Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' })));
    expect(status).toBe(400);
    expect(body).not.toBeInstanceOf(Array);
    expect(Object.keys(body)).toHaveLength(1);
  });

  test('directive overloading: 10 directives on a field, each with an error of its own', async () => {
    const { body } = await post(`query cop { __typename ${'@aa'.repeat(10)} }`);
    expect((body as { errors: unknown[] }).errors.length).toBeLessThan(10);
    expect(body).not.toHaveProperty('data');
  });

  test('field duplication: a field 500 times', async () => {
    const { status, body } = await post(`query cop { ${'__typename \n'.repeat(500)} } `);
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ extensions: { measure: 'number of repeated fields', actual: 499 } }] });
    expect(body).not.toHaveProperty('data');
  });

  test('introspection-based circular query: types of fields of types', async () => {
    const { body } = await post(
      'query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
    );
    expect(body).toMatchObject({ errors: [{ message: 'Maximum introspection depth exceeded' }] });
    expect(body).not.toHaveProperty('data');
  });
});

describe('information', () => {
  const misspelt = [
    'query cop { __schema { directive } }',
    '{ project(slg: "x") { name } }',
    '{ project { experiments(filter: { status: QUEUD }) { totalCount } } }',
    'mutation { createUpload(input: { fileNam: "x", format: CSV }) { __typename } }',
    '{ project { ... on Projct { name } } }',
  ];

  /** What a server answers to each document over HTTP, and over WebSocket. */
  async function answersOf(server: TestApi): Promise<string[]> {
    const overHttp = misspelt.map(async (query) => JSON.stringify((await server.send(query)).body));
    const overWebSocket = misspelt.map((query) =>
      server
        .connect()
        .iterate({ query })
        .next()
        .then(
          ({ value }) => JSON.stringify(value),
          (error: unknown) => JSON.stringify(error),
        ),
    );
    return Promise.all([...overHttp, ...overWebSocket]);
  }

  test('suggestions of fields, arguments, enum values, input fields and types, where the schema is not open', async () => {
    await using closed = await startTestApi({ network: { introspection: false } });
    for (const answer of await answersOf(closed)) {
      expect(answer).toContain('message');
      expect(answer).not.toContain('Did you mean');
    }
  });

  test('(whoever may read the schema gets them)', async () => {
    const answers = await answersOf(api);
    expect(answers.filter((answer) => !answer.includes('Did you mean'))).toEqual([]);
  });

  test('a GraphQL IDE at the path of the API', async () => {
    const { text } = await get({}, 'text/html');
    expect(text).not.toMatch(/graphiql|playground|<html/i);
  });

  test('tracing, and exceptions that nobody handled', async () => {
    const { body: traced } = await post('query cop { __typename }');
    expect(traced).toEqual({ data: { __typename: 'Query' } });
    const { body: broken } = await post('qwerty cop { abc }');
    expect(broken).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] });
    expect(JSON.stringify(broken)).not.toMatch(/tracing|exception|stacktrace/);
  });
});

describe('forged requests', () => {
  test.each(['query cop {__typename}', 'mutation cop {__typename}'])('GET of %s', async (query) => {
    const { status, body } = await get({ query });
    expect(status).toBe(400);
    expect(body).not.toHaveProperty('data');
  });

  test('a mutation by GET, from a program that may GET', async () => {
    const { status, body } = await get({ query: 'mutation cop {__typename}' }).set('apollo-require-preflight', 'true');
    expect(status).toBe(405);
    expect(body).not.toHaveProperty('data');
  });

  test.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'])(
    'POST of a form as %s',
    async (type) => {
      const { status, body } = await request(api.url)
        .post(graphqlPath)
        .set('Content-Type', type)
        .send('query=query%20cop%20%7B__typename%7D');
      expect(status).toBe(400);
      expect(body).not.toHaveProperty('data');
    },
  );
});

describe('introspection', () => {
  const query = 'query cop { __schema { types { name fields { name } } } }';

  test('is the documentation, for whoever may ask anything', async () => {
    const { body } = await post(query);
    expect(body).not.toHaveProperty('errors');
  });

  test('is refused where the server is set so, over WebSocket as over HTTP, and the rest works', async () => {
    const closed = await startTestApi({ network: { introspection: false } });
    try {
      const { body } = await request(closed.url).post(graphqlPath).send({ query });
      expect(body).toMatchObject({ errors: [{ message: expect.stringContaining('introspection') }] });
      expect(body).not.toHaveProperty('data');
      const client = closed.connect();
      await expect(client.iterate({ query: '{ __schema { __typename } }' }).next()).rejects.toMatchObject([
        { message: expect.stringContaining('introspection') },
      ]);
      expect((await client.iterate({ query: '{ viewer { __typename } }' }).next()).value).toEqual({
        data: { viewer: { __typename: 'Viewer' } },
      });
    } finally {
      await closed.close();
    }
  });
});
