import { once } from 'node:events';
import { createClient as createStreams } from 'graphql-sse';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../support/api.js';
import { openRawSocket } from '../../support/raw-socket.js';
import { createTestExperiment } from '../../support/runs.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const failing = '{ project { evaluations { totalCount } } }';
const following = `subscription {
  projectActivity(afterSeq: 0, kinds: [EXPERIMENT_CREATED]) {
    ... on ExperimentCreated { experiment { evaluations { totalCount } } }
  }
}`;

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await createTestExperiment(api, { name: 'followed' });
});
afterAll(() => api?.close());
afterEach(() => api.dataSource.query('ALTER TABLE IF EXISTS evaluations_away RENAME TO evaluations'));

/** From here to the end of the test, reading evaluations fails in a way that only the log tells. */
const breakEvaluations = () => api.dataSource.query('ALTER TABLE evaluations RENAME TO evaluations_away');

function post(query: string, headers: Record<string, string> = {}): Promise<Response> {
  const all = { 'content-type': 'application/json', ...headers };
  return fetch(`${api.url}/graphql`, { method: 'POST', headers: all, body: JSON.stringify({ query }) });
}

/** The line of the log about the error that a client was told of by its id. */
async function lineOf(body: unknown): Promise<Record<string, unknown>> {
  const [, errorId] = /"errorId":"([^"]+)"/.exec(JSON.stringify(body)) ?? [];
  expect(errorId).toMatch(uuid);
  return api.log.find((line) => line.errorId === errorId)!;
}

test.each([
  ['GraphQL', '/graphql?query=%7B__typename%7D'],
  ['a refusal before GraphQL', '/graphql?query=%7B__typename%7D&documentId=x'],
  ['health', '/health'],
  ['no such path', '/nothing-here'],
])('every answer has an id of its own: %s', async (_, path) => {
  const headers = { 'apollo-require-preflight': 'x' };
  const ids = new Set<string>();
  for (let i = 0; i < 2; i++) {
    const id = (await fetch(`${api.url}${path}`, { headers })).headers.get('x-request-id');
    expect(id).toMatch(uuid);
    ids.add(id!);
  }
  expect(ids.size).toBe(2);
});

test.each(['abc-123', 'edge/01:7f+a=.@_', 'x'.repeat(128)])('a client may name its request: %s', async (id) => {
  expect((await post('{ __typename }', { 'x-request-id': id })).headers.get('x-request-id')).toBe(id);
});

test.each(['', 'two words', '"quoted"', 'x'.repeat(129), 'one, two', '<b>'])(
  'an id that is not well formed is replaced: %s',
  async (id) => {
    expect((await post('{ __typename }', { 'x-request-id': id })).headers.get('x-request-id')).toMatch(uuid);
  },
);

test('lines of the log that a request causes have its id, those of others their own', async () => {
  await breakEvaluations();
  const asked = await Promise.all(
    ['first', 'second'].map(async (id) => lineOf(await (await post(failing, { 'x-request-id': id })).json())),
  );
  expect(asked).toMatchObject([{ requestId: 'first' }, { requestId: 'second' }]);
  // Nobody asked for this.
  await api.dataSource.query('SELECT 1');
  const started = api.log.filter(({ requestId }) => requestId === undefined);
  expect(started.every(({ errorId }) => errorId === undefined)).toBe(true);
});

test('so have those of an operation over WebSocket, with the operation’s own id', async () => {
  await breakEvaluations();
  const socket = await openRawSocket(api.url, { headers: { 'x-request-id': 'socket-1' } });
  socket.send({ type: 'connection_init' });
  expect(await socket.next('connection_ack')).toEqual({
    type: 'connection_ack',
    payload: { requestId: 'socket-1' },
  });
  socket.send({ id: 'op-1', type: 'subscribe', payload: { query: failing } });
  expect(await lineOf(await socket.next('next'))).toMatchObject({ requestId: 'socket-1', operationId: 'op-1' });
  socket.send({ id: 'op-2', type: 'subscribe', payload: { query: following } });
  expect(await lineOf(await socket.next('next'))).toMatchObject({ requestId: 'socket-1', operationId: 'op-2' });
  socket.socket.close();
  await socket.closed;
});

test('a page of a browser names its connection in the parameters, and an upgrade is answered with the id', async () => {
  const socket = await openRawSocket(api.url, { finishRequest: (request) => void request.end() });
  socket.send({ type: 'connection_init', payload: { 'x-request-id': 'page-1' } });
  expect(await socket.next('connection_ack')).toMatchObject({ payload: { requestId: 'page-1' } });
  socket.socket.close();
  await socket.closed;

  const { default: WebSocket } = await import('ws');
  const other = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    headers: { 'x-request-id': 'upgrade-1' },
  });
  const [response] = await once(other, 'upgrade');
  expect(response.headers['x-request-id']).toBe('upgrade-1');
  other.close();
});

test('so have those of an event stream', async () => {
  await breakEvaluations();
  const streams = createStreams({
    url: `${api.url}/graphql`,
    retryAttempts: 0,
    headers: { 'x-request-id': 'stream-1' },
  });
  for (const query of [failing, following]) {
    const events = streams.iterate({ query });
    const { value } = await events.next();
    expect(await lineOf(value)).toMatchObject({ requestId: 'stream-1' });
    await events.return?.();
  }
  streams.dispose();
});

test('the audit log and the queue say which request it was', async () => {
  const { runId } = await createTestExperiment(api, { name: 'queued' });
  const [job] = await api.dataSource.query('SELECT request_id, traceparent FROM jobs WHERE run_id = $1', [runId]);
  expect(job).toEqual({ request_id: expect.stringMatching(uuid), traceparent: null });

  await post('mutation { createProject(input: { slug: "audited", name: "Audited" }) { __typename } }', {
    'x-request-id': 'audited-1',
  });
  const { auditLog } = await api.request<{ auditLog: { nodes: unknown[] } }>(
    '{ auditLog(first: 1) { nodes { action requestId } } }',
  );
  expect(auditLog.nodes).toEqual([{ action: 'createProject', requestId: 'audited-1' }]);
  const exported = await (await fetch(`${api.url}/audit-log.jsonl`)).text();
  expect(JSON.parse(exported.trim().split('\n').at(-1)!)).toMatchObject({ requestId: 'audited-1' });
});
