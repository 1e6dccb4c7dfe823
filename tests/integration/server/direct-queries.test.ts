import { randomUUID } from 'node:crypto';
import { ApolloServer } from '@apollo/server';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ownerUserId } from '../../../src/access/viewer.js';
import { globalId } from '../../../src/graphql/global-id.js';
import { insertKey } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { sampleOf, scrape } from '../../support/scrape.js';

/**
 * The first answer to a document is Apollo's, those that follow are made without it: they must be the same, and what
 * is no answer with data alone is Apollo's again.
 */

let api: TestApi;
let metricsUrl: string;
let key: string;
const points = 1_000;
/** What Apollo was asked so far. */
const asked = vi.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest');

beforeAll(async () => {
  const metrics = { host: '127.0.0.1', port: 0, token: null };
  const network = { rateLimit: points };
  api = await startTestApi({ observability: { metrics, traces: null }, network });
  const told = api.log.map(({ msg }) => /^Metrics are at (\S+)$/.exec(String(msg))?.[1]);
  metricsUrl = `http://${told.find((found) => found !== undefined)!}`;
  ({ secret: key } = await insertKey(api.dataSource, ownerUserId));
});
afterEach(() => asked.mockClear());
afterAll(async () => {
  asked.mockRestore();
  await api?.close();
});

interface Asked {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
  readonly extensions?: unknown;
}

async function ask(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify(body),
  });
  const own = new Set(['date', 'x-request-id', 'ratelimit-remaining', 'ratelimit-reset']);
  const named = [...response.headers].filter(([name]) => !own.has(name)).sort();
  // Each error that is hidden has an id of its own.
  const text = (await response.text()).replace(/"errorId":"[^"]+"/, '"errorId":"…"');
  const remaining = Number(response.headers.get('ratelimit-remaining'));
  return { answer: { status: response.status, headers: named, text }, remaining };
}

/** A name that no other document has. */
const fresh = () => `Q${randomUUID().replaceAll('-', '')}`;

async function askTwice(request: Asked, headers: Record<string, string> = {}) {
  const before = asked.mock.calls.length;
  const first = await ask(request, headers);
  const then = asked.mock.calls.length;
  const second = await ask(request, headers);
  return {
    first: first.answer,
    second: second.answer,
    spent: first.remaining - second.remaining,
    byApollo: [then - before, asked.mock.calls.length - then],
  };
}

const missing = globalId('Experiment', randomUUID());

test.each<[string, (name: string) => Asked]>([
  ['without variables', (name) => ({ query: `query ${name} { viewer { administrator } project { slug name } }` })],
  [
    'with variables',
    (name) => ({ query: `query ${name}($id: ID!) { experiment(id: $id) { id } }`, variables: { id: missing } }),
  ],
  [
    'with null for what is left out',
    (name) => ({ query: `query ${name} { __typename }`, variables: null, operationName: null, extensions: null }),
  ],
  [
    'one of several',
    (name) => ({ query: `query ${name} { __typename } query B { viewer { id } }`, operationName: 'B' }),
  ],
  [
    'with a page',
    (name) => ({
      query: `query ${name} { project { experiments(first: 3) { nodes { id name } pageInfo { endCursor } } } }`,
    }),
  ],
  ['of the schema', (name) => ({ query: `query ${name} { __type(name: "Project") { name } }` })],
])('a query %s is answered as Apollo answers it', async (_, requestOf) => {
  const { first, second, spent, byApollo } = await askTwice(requestOf(fresh()));
  expect(second).toEqual(first);
  expect(first.status).toBe(200);
  expect(first.text).toMatch(/^\{"data":\{.*\}\}\n$/);
  expect(spent).toBe(1);
  expect(byApollo).toEqual([1, 0]);
});

test.each<[string, (name: string) => Asked]>([
  [
    'whose resolver fails',
    (name) => ({ query: `query ${name} { project { experiments(after: "x") { nodes { id } } } }` }),
  ],
  [
    'whose argument fails',
    (name) => ({
      query: `query ${name} { project { experiments(orderBy: { field: NAME, metric: "x" }) { nodes { id } } } }`,
    }),
  ],
  [
    'with a variable of another type',
    (name) => ({ query: `query ${name}($id: ID!) { experiment(id: $id) { id } }`, variables: { id: { a: 1 } } }),
  ],
  ['without a variable', (name) => ({ query: `query ${name}($id: ID!) { experiment(id: $id) { id } }` })],
  [
    'with a page that is too large',
    (name) => ({ query: `query ${name} { project { experiments(first: 5000) { nodes { id } } } }` }),
  ],
  ['with an operation that it has not', (name) => ({ query: `query ${name} { __typename }`, operationName: 'Other' })],
  ['with a field that is not there', (name) => ({ query: `query ${name} { nothing }` })],
  ['with variables that are no object', (name) => ({ query: `query ${name} { __typename }`, variables: 'x' as never })],
  ['with extensions that are no object', (name) => ({ query: `query ${name} { __typename }`, extensions: [] })],
])('a query %s is refused as Apollo refuses it', async (_, requestOf) => {
  const { first, second, byApollo } = await askTwice(requestOf(fresh()));
  expect(second).toEqual(first);
  expect(first.text).toContain('"errors":[');
  expect(byApollo).toEqual([1, 1]);
});

test('a mutation is always Apollo’s', async () => {
  const query = `mutation ${fresh()} { updateProject(input: { projectSlug: "default", name: "x" }) { __typename } }`;
  const { byApollo } = await askTwice({ query });
  expect(byApollo).toEqual([1, 1]);
});

describe('the media type is the one that the client prefers', () => {
  test.each([
    ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
    ['application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json; charset=utf-8'],
    ['application/json', 'application/json; charset=utf-8'],
    ['*/*', 'application/json; charset=utf-8'],
  ])('%s', async (accept, expected) => {
    const { first, second, byApollo } = await askTwice({ query: `query ${fresh()} { __typename }` }, { accept });
    expect(second).toEqual(first);
    expect(new Map(second.headers as [string, string][]).get('content-type')).toBe(expected);
    expect(byApollo).toEqual([1, 0]);
  });

  test('what the server has not is refused', async () => {
    const { first, second } = await askTwice({ query: `query ${fresh()} { __typename }` }, { accept: 'text/plain' });
    expect(second).toEqual(first);
    expect(first.status).toBe(406);
  });
});

test('an operation is counted once, whoever answers it', async () => {
  const [good, bad] = [fresh(), fresh()];
  for (let i = 0; i < 3; i += 1) {
    await ask({ query: `query ${good} { __typename }` });
    await ask({ query: `query ${bad} { project { experiments(after: "x") { nodes { id } } } }` });
  }
  const samples = await scrape(metricsUrl);
  const count = (operation: string, outcome: string) =>
    sampleOf(samples, 'attune_operations_total', { operation, outcome, transport: 'http', type: 'query' });
  expect([count(good, 'ok'), count(good, 'error')]).toEqual([3, null]);
  expect([count(bad, 'ok'), count(bad, 'error')]).toEqual([null, 3]);
});

test('a query that can not be paid is refused', async () => {
  const { secret } = await insertKey(api.dataSource, ownerUserId);
  const authorization = { authorization: `Bearer ${secret}` };
  const query = `query ${fresh()} { project { ${['a', 'b', 'c']
    .map(
      (alias) => `${alias}: experiments(first: 100) { nodes { id name tags notes status attempt lastSeq createdAt } }`,
    )
    .join(' ')} } }`;
  let last = await ask({ query }, authorization);
  const each = points - last.remaining;
  expect(each).toBeGreaterThan(0);
  for (let i = 0; i < Math.floor(points / each); i += 1) last = await ask({ query }, authorization);
  expect(last.answer.status).toBe(429);
  expect(JSON.parse(last.answer.text).errors[0].extensions).toMatchObject({ code: 'RATE_LIMITED', cost: each });
});
