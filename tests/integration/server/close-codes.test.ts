import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { ownerUserId } from '../../../src/access/viewer.js';
import { insertKey } from '../../support/access.js';
import { startTestApi, type TestApi } from '../../support/api.js';
import { openRawSocket, type RawSocket } from '../../support/raw-socket.js';

let api: TestApi;
const open: RawSocket[] = [];
const connect = async (options?: Parameters<typeof openRawSocket>[1]): Promise<RawSocket> => {
  const socket = await openRawSocket(api.url, options);
  open.push(socket);
  return socket;
};

beforeAll(async () => {
  api = await startTestApi({
    socketInitTimeoutMs: 200,
    socketLimits: { maxSocketsPerAddress: 5, messagesPerSecond: 1, messageBurst: 100, maxOperationsPerCredential: 2 },
  });
});
afterEach(async () => {
  for (const { socket, closed } of open.splice(0)) {
    socket.terminate();
    await closed;
  }
});
afterAll(() => api.close());

const init = { type: 'connection_init' };
const subscription = (id: string) => ({
  id,
  type: 'subscribe',
  payload: { query: 'subscription { workerStatus { id } }' },
});
const query = (id: string) => ({ id, type: 'subscribe', payload: { query: '{ viewer { id } }' } });

describe('the protocol graphql-transport-ws closes with', () => {
  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['no object', '7'],
    ['no type', {}],
    ['a type that there is not', { type: 'start' }],
    ['no id', { type: 'subscribe', payload: { query: '{ viewer { id } }' } }],
    ['a query that is no text', { id: '1', type: 'subscribe', payload: { query: 7 } }],
  ])('4400 for %s', async (_, message) => {
    const socket = await connect();
    socket.send(message);
    expect(await socket.closed).toEqual({ code: 4400, reason: 'Invalid message received' });
  });

  test('4401 for an operation before the beginning', async () => {
    const socket = await connect();
    socket.send(query('1'));
    expect(await socket.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  });

  test('4403 for a credential that is no good', async () => {
    const socket = await connect();
    socket.send({ type: 'connection_init', payload: { authorization: 'Bearer attune_nonsense' } });
    const refused = { message: expect.stringContaining('key'), code: 'UNAUTHENTICATED' };
    expect(await socket.next('connection_ack')).toEqual({
      type: 'connection_ack',
      payload: { requestId: expect.any(String), refused },
    });
    expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' });
  });

  test('4406 for another protocol', async () => {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`);
    const [code] = await once(socket, 'close');
    expect(code).toBe(4406);
  });

  test('4408 for no beginning in time', async () => {
    const socket = await connect();
    expect(await socket.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  });

  test('4409 for an id that is in use', async () => {
    const socket = await connect();
    socket.send(init);
    await socket.next('connection_ack');
    socket.send(subscription('same'));
    socket.send(subscription('same'));
    expect(await socket.closed).toEqual({ code: 4409, reason: 'Subscriber for same already exists' });
  });

  test('4429 for a second beginning', async () => {
    const socket = await connect();
    socket.send(init);
    socket.send(init);
    expect(await socket.closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' });
  });

  test('nothing, for what is right', async () => {
    const socket = await connect();
    socket.send(init);
    await socket.next('connection_ack');
    socket.send({ type: 'ping' });
    await socket.next('pong');
    socket.send(query('1'));
    expect(await socket.next('next')).toMatchObject({ id: '1', payload: { data: { viewer: {} } } });
    expect(await socket.next('complete')).toEqual({ id: '1', type: 'complete' });
    expect(socket.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe('limits of sockets', () => {
  test('1009 for a message beyond a megabyte', async () => {
    const socket = await connect();
    socket.send({ type: 'ping', payload: { text: 'x'.repeat(2 ** 20) } });
    expect((await socket.closed).code).toBe(1009);
  });

  test('1009 for more than a credential from who has not said who it is', async () => {
    const socket = await connect();
    socket.send({ type: 'connection_init', payload: { text: 'x'.repeat(2 ** 14) } });
    expect(await socket.closed).toEqual({ code: 1009, reason: 'Too large before the beginning' });
  });

  test('4400 for a message that would take long to read', async () => {
    const socket = await connect();
    socket.send(init);
    await socket.next('connection_ack');
    socket.send(`{"type":"ping","payload":{"a":${'['.repeat(100)}${']'.repeat(100)}}}`);
    expect(await socket.closed).toEqual({ code: 4400, reason: 'Invalid message received' });
  });

  test('1008 for a flood of messages', async () => {
    const socket = await connect();
    socket.send(init);
    for (let i = 0; i < 101; i++) socket.send({ type: 'ping' });
    expect(await socket.closed).toEqual({ code: 1008, reason: 'Too many messages' });
  });

  test('an end without a word for who asks for answers and reads none of them', async () => {
    const { socket, send, next, closed } = await connect();
    send(init);
    await next('connection_ack');
    socket.pause();
    const ping = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(1_000_000) } });
    // Each has an answer of a megabyte. What can't be sent any more fails.
    const sent = Array.from({ length: 60 }, () => new Promise((resolve) => socket.send(ping, resolve)));
    await Promise.all(sent);
    socket.resume();
    expect(await closed).toEqual({ code: 1006, reason: '' });
  });

  test('429 for one socket too many of an address, until another goes', async () => {
    const sockets = await Promise.all(Array.from({ length: 5 }, () => connect()));
    await expect(connect()).rejects.toThrow('429');
    sockets[0]!.socket.terminate();
    await sockets[0]!.closed;
    // The server hears of it a little later.
    let opened: RawSocket | null = null;
    while (opened === null) opened = await connect().catch(() => null);
  });

  test('an error for one operation too many of a credential, over all its sockets', async () => {
    const { secret } = await insertKey(api.dataSource, ownerUserId);
    const withKey = { type: 'connection_init', payload: { authorization: `Bearer ${secret}` } };
    const [first, second] = [await connect(), await connect()];
    for (const socket of [first, second]) {
      socket.send(withKey);
      await socket.next('connection_ack');
    }
    first.send(subscription('1'));
    second.send(subscription('2'));
    const answer = async (id: string): Promise<unknown> => {
      second.send(query(id));
      return (await second.next('error', 'complete')).payload;
    };
    let refusal: unknown;
    // Until both subscriptions run.
    for (let id = 3; refusal === undefined; id++) refusal = await answer(String(id));
    expect(refusal).toMatchObject([{ extensions: { code: 'TOO_MANY_OPERATIONS', limit: 2 } }]);
    first.send({ id: '1', type: 'complete' });
    for (let id = 100; refusal !== undefined; id++) refusal = await answer(String(id));
    expect(second.socket.readyState).toBe(WebSocket.OPEN);
  });
});
