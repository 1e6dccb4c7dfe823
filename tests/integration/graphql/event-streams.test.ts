import { createClient } from 'graphql-sse';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownerUserId } from '../../../src/access/viewer.js';
import { insertKey } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { createTestExperiment, enter, metrics, record } from '../../support/runs.js';

const subscription = /* GraphQL */ `
  subscription ($id: ID!, $afterSeq: Int! = 0) {
    experimentEvents(experimentId: $id, afterSeq: $afterSeq) { ... on SequencedEvent { seq } }
  }
`;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.close());

const connect = (options: Partial<Parameters<typeof createClient>[0]> = {}) =>
  createClient({ url: `${api.url}/graphql`, retryAttempts: 0, ...options });

/** What is asked for with curl: the body of the stream, once it has ended. */
const stream = (body: object) => request(api.url).post('/graphql').set('accept', 'text/event-stream').send(body);

async function seqs(id: string, afterSeq = 0): Promise<number[]> {
  const seen: number[] = [];
  for await (const { data, errors } of connect().iterate({ query: subscription, variables: { id, afterSeq } })) {
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    seen.push((data as { experimentEvents: { seq: number } }).experimentEvents.seq);
  }
  return seen;
}

test('a subscription replays, goes live, and completes after the terminal event', async () => {
  const { id, runId } = await createTestExperiment(api, { name: 'streamed' });
  await enter(api.dataSource, runId, 'PREPARING', 'TRAINING');
  const [all, late] = [seqs(id), seqs(id, 2)];
  await record(api.dataSource, runId, [metrics(1, { 'train/loss': 0.5 })]);
  await enter(api.dataSource, runId, 'EVALUATING', 'SUCCEEDED');
  expect(await all).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await late).toEqual([3, 4, 5, 6]);
});

test('a client that leaves ends its subscription, and its place is free again', async () => {
  const { id } = await createTestExperiment(api, { name: 'left' });
  for (let client = 0; client < 3; client++) {
    for await (const { data } of connect().iterate({ query: subscription, variables: { id } })) {
      expect(data).toEqual({ experimentEvents: { seq: 1 } });
      break;
    }
  }
});

describe('queries and mutations', () => {
  test('are answered by one event', async () => {
    const { text, headers } = await stream({ query: '{ viewer { administrator } }' });
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(text).toBe(
      ':\n\nevent: next\ndata: {"data":{"viewer":{"administrator":true}}}\n\nevent: complete\ndata:\n\n',
    );
  });

  test('by GET as well, but for mutations', async () => {
    const get = (query: string) => request(api.url).get('/graphql').query({ query }).set('accept', 'text/event-stream');
    expect((await get('{ viewer { administrator } }')).text).toContain('"administrator":true');
    const refused = await get('mutation { revokeApiKey(input: { apiKeyId: "x" }) { __typename } }');
    expect(refused.status).toBe(405);
    expect(refused.headers.allow).toBe('POST');
  });

  test.each([
    ['of another site, as an image of its page would be', { 'sec-fetch-site': 'cross-site' }, 400],
    ['of another subdomain', { 'sec-fetch-site': 'same-site' }, 400],
    ['of another site that asked first', { 'sec-fetch-site': 'cross-site', 'apollo-require-preflight': '1' }, 200],
    ['of this site', { 'sec-fetch-site': 'same-origin' }, 200],
  ])('by GET %s', async (_, headers, status) => {
    const answer = await request(api.url)
      .get('/graphql')
      .query({ query: '{ viewer { administrator } }' })
      .set({ accept: 'text/event-stream', ...headers });
    expect(answer.status).toBe(status);
  });

  test('are JSON where a client accepts that as well', async () => {
    const answer = await request(api.url)
      .post('/graphql')
      .set('accept', 'application/graphql-response+json, application/json, text/event-stream')
      .send({ query: '{ viewer { administrator } }' });
    expect(answer.body).toEqual({ data: { viewer: { administrator: true } } });
  });
});

describe('what is wrong is told', () => {
  test('in the stream, where it is wrong with the operation', async () => {
    const { status, text } = await stream({ query: '{ noSuchField }' });
    expect(status).toBe(200);
    expect(text).toMatch(
      /^:\n\nevent: next\ndata: \{"errors":\[\{"message":"Cannot query field.*\n\nevent: complete\n/,
    );
  });

  test.each([
    ['a body that is a list', [{ query: '{ __typename }' }], 'one JSON object'],
    ['variables that are no object', { query: '{ __typename }', variables: 'none' }, '`variables` is a JSON object'],
    ['a name that is no text', { query: '{ __typename }', operationName: 7 }, '`operationName` is a text'],
  ])('by status 400: %s', async (_, body, message) => {
    const answer = await stream(body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].message).toContain(message);
  });

  test('by status 401, where nobody is known', async () => {
    const answer = await stream({ query: '{ __typename }' }).set('authorization', 'Bearer attune_wrong');
    expect(answer.status).toBe(401);
  });
});

test('one address opens so many streams and sockets, and no more', async () => {
  await using small = await startTestApi({ socketLimits: { maxSocketsPerAddress: 1 } });
  const { id } = await createTestExperiment(small, { name: 'narrow' });
  const first = createClient({ url: `${small.url}/graphql`, retryAttempts: 0 });
  const events = first.iterate({ query: subscription, variables: { id } });
  await events.next();
  const refused = await request(small.url)
    .post('/graphql')
    .set('accept', 'text/event-stream')
    .send({ query: '{ __typename }' });
  expect(refused.status).toBe(429);
  expect(refused.body.errors[0].extensions).toEqual({ code: 'TOO_MANY_CONNECTIONS', limit: 1 });
  await events.return?.();
});

test('a key that is revoked ends its streams, and says so', async () => {
  const { id, secret } = await insertKey(api.dataSource, ownerUserId);
  let onConnected: () => void = () => undefined;
  const connected = new Promise<void>((resolve) => {
    onConnected = resolve;
  });
  const client = connect({ headers: { authorization: `Bearer ${secret}` }, on: { connected: () => onConnected() } });
  const answers = client.iterate({ query: 'subscription { workerStatus { id } }' });
  const next = answers.next();
  await connected;
  await api.dataSource.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [id]);
  expect((await next).value.errors[0].extensions.code).toBe('UNAUTHENTICATED');
  expect((await answers.next()).done).toBe(true);
});

test('a server that stops ends its streams without completing them', async () => {
  const stopping = await startTestApi();
  const { id } = await createTestExperiment(stopping, { name: 'interrupted' });
  const answer = fetch(`${stopping.url}/graphql`, {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    body: JSON.stringify({ query: subscription, variables: { id } }),
  });
  const reader = (await answer).body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('"seq":1')) text += (await reader.read()).value ?? '';
  await stopping.close();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  expect(text).not.toContain('complete');
});
