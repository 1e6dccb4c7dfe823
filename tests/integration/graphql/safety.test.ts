import request from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { operationLimits } from '../../../src/graphql/operation-limits.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { ids, insertDataset } from '../../support/rows.js';
import { failStatements, spyOnStatements } from '../../support/statements.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());
afterEach(() => vi.restoreAllMocks());

describe('an unexpected error', () => {
  const secret = 'relation "secret_table" at /srv/attune/secret.ts password=hunter2';

  test('is masked over HTTP, and logged under the id the client sees', async () => {
    failStatements(api, new Error(secret));
    const { body, status } = await api.send('{ project { name } }');
    expect(status).toBe(200);
    expect(body.errors).toHaveLength(1);
    const { message, path, extensions } = body.errors![0]!;
    expect(message).toBe("Something went wrong on the server. The server's log has the cause under this error id.");
    expect(path).toEqual(['project']);
    expect(Object.keys(extensions).sort()).toEqual(['code', 'errorId']);
    expect(JSON.stringify(body)).not.toMatch(/secret|hunter2|\.ts|SELECT/);
    const logged = api.log.find((line) => line.errorId === extensions.errorId);
    expect(JSON.stringify(logged)).toContain('hunter2');
  });

  test('is masked over WebSocket', async () => {
    failStatements(api, new Error(secret));
    const { value } = await api.connect().iterate({ query: '{ project { name } }' }).next();
    expect(value).toMatchObject({
      data: { project: null },
      errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(JSON.stringify(value)).not.toMatch(/secret|hunter2|\.ts|SELECT/);
  });

  test('in a mutation is no typed problem', async () => {
    failStatements(api, new Error(secret));
    const { body } = await api.send(
      'mutation { cancelExperiment(input: { experimentId: "RXhwZXJpbWVudDowMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDA=" }) { __typename } }',
    );
    expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
  });
});

describe('the cost of an operation is bounded before it is executed', () => {
  async function refused(
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<{ extensions: Record<string, unknown>; message: string }> {
    const spy = spyOnStatements(api);
    const { body, status } = await api.send(query, variables);
    spy.restore();
    expect(status).toBe(400);
    expect(spy.texts()).toEqual([]);
    return body.errors![0]!;
  }

  test('pages in pages multiply, variables included', async () => {
    const query = /* GraphQL */ `query ($n: Int!) { project { datasets(first: $n) { nodes { versions(first: $n) { nodes { number digest } } } } } }`;
    expect(await refused(query, { n: 100 })).toMatchObject({
      message: expect.stringMatching(/complexity is \d+; the limit is 10000/),
      extensions: { code: 'OPERATION_TOO_COSTLY', limit: operationLimits.maxComplexity },
    });
    expect((await api.send(query, { n: 10 })).status).toBe(200);
  });

  test('depth, through fragments too', async () => {
    const query = /* GraphQL */ `
      query { project { experiments(first: 1) { nodes { ...A } } } }
      fragment A on Experiment { baseModel { producedBy { ...B } } }
      fragment B on Experiment { baseModel { producedBy { baseModel { producedBy { ...C } } } } }
      fragment C on Experiment { baseModel { producedBy { baseModel { producedBy { baseModel { name } } } } } }
    `;
    expect(await refused(query)).toMatchObject({
      extensions: { code: 'OPERATION_TOO_COSTLY', measure: 'depth', limit: 14 },
    });
  });

  test('aliases, of __typename as well', async () => {
    const query = `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: __typename`).join(' ')} }`;
    expect(await refused(query)).toMatchObject({ extensions: { measure: 'number of aliases', actual: 31, limit: 30 } });
  });

  test('tokens', async () => {
    const { body, status } = await api.send(`{ ${'__typename '.repeat(operationLimits.maxTokens)} }`);
    expect(status).toBe(400);
    expect(body.errors?.[0]?.message).toContain('tokens');
  });

  test('brackets inside brackets, over HTTP and over WebSocket', async () => {
    const query = `{ project(slug: ${'['.repeat(3000)}${']'.repeat(3000)}) { id } }`;
    const fault = { extensions: { code: 'OPERATION_TOO_COSTLY', measure: 'nesting of brackets', limit: 200 } };
    expect(await refused(query)).toMatchObject(fault);
    const outcome = await api
      .connect()
      .iterate({ query })
      .next()
      .catch((error: unknown) => error);
    expect(outcome).toMatchObject([fault]);
  });

  test('introspection in circles, and faults without end', async () => {
    const circle = `{ __schema { types { ${'fields { type { '.repeat(3)} name ${'} } '.repeat(3)} } } }`;
    const circular = await api.send(circle);
    expect(circular.body).toMatchObject({ errors: [{ message: 'Maximum introspection depth exceeded' }] });
    const faulty = await api.send(`{ __typename ${'@aa '.repeat(100)} }`);
    // Eight, and that there are more.
    expect(faulty.body.errors).toHaveLength(9);
    expect(await refused(`{ ${'__typename '.repeat(500)} }`)).toMatchObject({
      extensions: { measure: 'number of repeated fields', actual: 499, limit: 50 },
    });
  });

  test('batches', async () => {
    const { status } = await request(api.url)
      .post('/graphql')
      .send([{ query: '{ viewer { id } }' }, { query: '{ viewer { id } }' }]);
    expect(status).toBe(400);
  });

  test('over WebSocket too', async () => {
    const outcome = await api
      .connect()
      .iterate({ query: `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: __typename`).join(' ')} }` })
      .next()
      .then(
        ({ value }) => value,
        (error: unknown) => error,
      );
    expect(outcome).toMatchObject([{ extensions: { code: 'OPERATION_TOO_COSTLY' } }]);
  });

  test('and a client can read all of the schema', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const { body } = await api.send<{ __schema: unknown }>(getIntrospectionQuery());
    expect(body.errors).toBeUndefined();
    expect(body.data?.__schema).toBeDefined();
  });
});

describe('requests from elsewhere', () => {
  test.each(['evil.example', 'evil.example:4000', 'localhost.evil.example', '169.254.169.254'])(
    'the host name %s is refused',
    async (host) => {
      const { status } = await request(api.url).post('/graphql').set('Host', host).send({ query: '{ viewer { id } }' });
      expect(status).toBe(403);
    },
  );

  test('the host name localhost is let in', async () => {
    const { port } = new URL(api.url);
    const { status } = await request(api.url)
      .post('/graphql')
      .set('Host', `localhost:${port}`)
      .send({ query: '{ viewer { id } }' });
    expect(status).toBe(200);
  });

  test.each(['http://evil.example', 'null', 'http://127.0.0.1:1'])(
    'a page of %s is refused, and reads nothing but the reason',
    async (origin) => {
      const response = await request(api.url)
        .post('/graphql')
        .set('Origin', origin)
        .send({ query: '{ viewer { id } }' });
      expect(response.status).toBe(403);
      expect(response.text).toMatch(/^Pages of other origins have no access/);
    },
  );

  test('our own page is let in', async () => {
    const { status } = await request(api.url)
      .post('/graphql')
      .set('Origin', api.url)
      .send({ query: '{ viewer { id } }' });
    expect(status).toBe(200);
  });

  test.each([
    ['/graphql', 'http://evil.example', 403],
    ['/nothing', null, 404],
  ] as const)('a WebSocket to %s from %s is refused with %i', async (path, origin, status) => {
    const socket = new WebSocket(
      `${api.url.replace('http', 'ws')}${path}`,
      'graphql-transport-ws',
      origin === null ? {} : { origin },
    );
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
    expect(error.message).toContain(String(status));
  });

  test('a form that a page sends without a preflight is refused', async () => {
    const response = await request(api.url)
      .post('/graphql')
      .set('Content-Type', 'text/plain')
      .send('{"query":"{ viewer { id } }"}');
    expect(response.status).toBe(400);
    const get = await request(api.url).get('/graphql').query({ query: '{ viewer { id } }' });
    expect(get.status).toBe(400);
  });
});

test('a body that is no JSON is a client error without a stack', async () => {
  const { status, body } = await request(api.url)
    .post('/graphql')
    .set('Content-Type', 'application/json')
    .send('{"query":');
  expect(status).toBe(400);
  expect(JSON.stringify(body)).not.toContain('node_modules');
});

test('values of the wrong type are told to the client, not masked', async () => {
  const { versionIds } = await insertDataset(api.dataSource, api.projectId, { name: 'wrong types' });
  const input = {
    name: 'x',
    baseModelId: 'x',
    datasetVersionId: ids.version(versionIds[0]!),
    method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
    hyperparameters: { seed: -1 },
  };
  const { body } = await api.send(
    'mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { __typename } }',
    { input },
  );
  expect(body.errors?.[0]?.message).toContain('A seed is an integer from 0 to 4294967295.');
});

test('health: live always, ready with a database and a worker', async () => {
  expect((await request(api.url).get('/health/live')).body).toEqual({ status: 'live' });
  const none = await request(api.url).get('/health/ready');
  expect([none.status, none.body]).toEqual([503, { status: 'not ready', database: 'reachable', worker: 'none' }]);
  failStatements(api, new Error('gone'));
  expect((await request(api.url).get('/health/ready')).body).toMatchObject({ database: 'unreachable' });
});

test('the explorer is served from here alone', async () => {
  const page = await request(api.url).get('/');
  expect(page.status).toBe(200);
  expect(page.text).toContain('app-root');
  expect(page.text).not.toMatch(/(src|href)="(https?:)?\/\//);
  expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  const options = await request(api.url).get('/initial_options.js');
  expect(options.text).toContain('query Overview');
});
