import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startTestApi, type TestApi } from '../../support/api.js';
import { openRawSocket } from '../../support/raw-socket.js';

// A refused key over WebSocket, for clients that hide close codes.

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ socketInitTimeoutMs: 1000 });
});
afterAll(() => api?.close());

const badKey = { authorization: 'Bearer attune_nonsense' };
const subscription = { query: 'subscription { workerStatus { id } }' };
const refused = { message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } };

/** A client that retries for ever whatever happens, as a page may ask for, and counts its connections. */
function tireless(connectionParams: Record<string, unknown>) {
  let connections = 0;
  const client = createClient({
    url: `${api.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: async () => undefined,
    on: { connected: () => connections++ },
  });
  return { client, connections: () => connections };
}

test('each operation of a client ends with the refusal, and none is tried again', async () => {
  const { client, connections } = tireless(badKey);
  const endOf = async () => {
    const answers: unknown[] = [];
    try {
      for await (const answer of client.iterate(subscription)) answers.push(answer);
    } catch (errors) {
      return { answers, errors };
    }
    return { answers, errors: null };
  };
  const ends = await Promise.all([endOf(), endOf(), endOf()]);
  for (const { answers, errors } of ends) {
    // A subscription's first answer may carry the errors, or its end, as the client chooses.
    expect([
      ...answers.flatMap((each) => (each as { errors?: unknown[] }).errors ?? []),
      ...((errors ?? []) as []),
    ]).toMatchObject([refused]);
  }
  expect(connections()).toBe(1);
  await client.dispose();
});

test('a client that reads messages alone, and never why a socket closed, hears it', async () => {
  const socket = await openRawSocket(api.url);
  socket.send({ type: 'connection_init', payload: badKey });
  expect(await socket.next('connection_ack')).toEqual({
    type: 'connection_ack',
    payload: { requestId: expect.any(String), refused: { message: expect.any(String), code: 'UNAUTHENTICATED' } },
  });
  socket.send({ id: 'a', type: 'subscribe', payload: subscription });
  socket.send({ id: 'b', type: 'subscribe', payload: { query: '{ viewer { id } }' } });
  expect(await socket.next('error')).toMatchObject({ id: 'a', payload: [refused] });
  expect(await socket.next('error')).toMatchObject({ id: 'b', payload: [refused] });
  // Nothing was answered, and the socket does not stay.
  expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' });
});

test.each<[string, Record<string, unknown> | undefined, string]>([
  [
    'a parameter that is no key',
    badKey,
    '`authorization` of connection_init holds no API key: send `Bearer attune_…`.',
  ],
  ['a key that nobody has', { authorization: `Bearer attune_${'x'.repeat(43)}` }, 'The API key is unknown'],
  [
    'none, where one is needed',
    { token: 'attune_nonsense' },
    'send it as `{ "authorization": "Bearer attune_…" }` in the payload of connection_init.',
  ],
])('the refusal of %s names the place where the client sends it', async (_, payload, message) => {
  await using guarded = await startTestApi({ host: '0.0.0.0' });
  const socket = await openRawSocket(guarded.url);
  socket.send({ type: 'connection_init', payload });
  const acknowledged = await socket.next('connection_ack');
  expect(acknowledged).toMatchObject({ payload: { refused: { message: expect.stringContaining(message) } } });
  socket.socket.close();
});

test('a document that is not even one tells nothing of the schema', async () => {
  const socket = await openRawSocket(api.url);
  socket.send({ type: 'connection_init', payload: badKey });
  await socket.next('connection_ack');
  socket.send({ id: 'a', type: 'subscribe', payload: { query: '{ vieweer { id } }' } });
  expect(await socket.next('error')).toMatchObject({ payload: [refused] });
  socket.send({ id: 'b', type: 'subscribe', payload: { query: `{ viewer { id } } #${'x'.repeat(20_000)}` } });
  expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' });
});

test('after too many bad keys it says for how long', async () => {
  for (let i = 0; i < 70; i++) {
    await fetch(`${api.url}/graphql`, { method: 'POST', headers: { authorization: `Bearer attune_${i}` } });
  }
  const socket = await openRawSocket(api.url);
  socket.send({ type: 'connection_init', payload: badKey });
  const { payload } = await socket.next('connection_ack');
  expect(payload).toMatchObject({ refused: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } });
  socket.send({ id: 'a', type: 'subscribe', payload: subscription });
  expect(await socket.next('error')).toMatchObject({
    payload: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }],
  });
  socket.socket.terminate();
});
