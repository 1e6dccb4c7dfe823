import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { SocketFrames } from '../../../src/server/live/socket-frames.js';

let client: WebSocket;
let socket: WebSocket;
let stream: Duplex;
let close: () => void;

beforeEach(async () => {
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  const upgraded = new Promise<void>((resolve) => {
    server.on('upgrade', (request, raw, head) => {
      stream = raw;
      sockets.handleUpgrade(request, raw, head, (accepted) => {
        socket = accepted;
        resolve();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await Promise.all([upgraded, once(client, 'open')]);
  close = () => {
    client.terminate();
    sockets.close();
    server.close();
  };
});
afterEach(() => close());

/** The next messages of the client. */
function received(count: number): Promise<unknown[]> {
  const messages: unknown[] = [];
  return new Promise((resolve) => {
    client.on('message', (data, isBinary) => {
      messages.push(isBinary ? 'binary' : JSON.parse(String(data)));
      if (messages.length === count) resolve(messages);
    });
  });
}

const answer = (text: string) => Buffer.from(JSON.stringify({ data: text }));

test('answers of every length arrive as messages of the protocol, between those of ws', async () => {
  const ids = ['1', 'q"uote\\', 'ключ', '0e2c8b3a-5c1f-4f0e-9b43-6f1f5cf0c4ad'];
  // The message around an answer has 36 characters and the id: lengths about the limits of frames, and of copies.
  const lengths = [
    ...upTo(200),
    ...[16_000, 16_384, 65_400, 65_536, 70_000, 300_000].flatMap((length) => near(length)),
  ];
  const frames = new SocketFrames(socket, stream);
  const sinks = ids.map((id) => ({ id, sink: frames.sink(id) }));
  const wanted: unknown[] = [];
  const all = received(2 * lengths.length);
  lengths.forEach((length, i) => {
    const { id, sink } = sinks[i % sinks.length]!;
    sink.write([answer('x'.repeat(length))]);
    wanted.push({ id, type: 'next', payload: { data: 'x'.repeat(length) } });
    socket.send('{"type":"ping"}');
    wanted.push({ type: 'ping' });
  });
  expect(await all).toEqual(wanted);
});

test('several answers at once arrive in order, whatever their sizes', async () => {
  const texts = ['a', 'ü'.repeat(10_000), 'b', 'c'.repeat(70_000), ''];
  const all = received(2 * texts.length);
  const sink = new SocketFrames(socket, stream).sink('7');
  sink.write(texts.map(answer));
  for (const text of texts) sink.write([answer(text)]);
  expect(await all).toEqual([...texts, ...texts].map((data) => ({ id: '7', type: 'next', payload: { data } })));
});

test('where the client does not read there is no room, and then there is', async () => {
  client.pause();
  const sink = new SocketFrames(socket, stream).sink('1');
  const text = 'x'.repeat(100_000);
  let sent = 0;
  while (sink.hasRoom()) {
    sink.write([answer(text)]);
    sent += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(stream.writableLength).toBeLessThan(stream.writableHighWaterMark + text.length + 100);
  const room = new Promise<void>((resolve) => sink.onRoom(resolve));
  const all = received(sent + 1);
  client.resume();
  await room;
  expect(sink.hasRoom()).toBe(true);
  sink.write([answer('last')]);
  expect((await all).at(-1)).toEqual({ id: '1', type: 'next', payload: { data: 'last' } });
});

test('nothing follows the frame that closes the connection', async () => {
  const sink = new SocketFrames(socket, stream).sink('1');
  const messages: unknown[] = [];
  client.on('message', (data) => messages.push(data));
  sink.write([answer('before')]);
  socket.close(1001, 'Going away');
  expect(sink.hasRoom()).toBe(false);
  sink.write([answer('after')]);
  expect((await once(client, 'close'))[0]).toBe(1001);
  expect(messages).toHaveLength(1);
});

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function near(length: number): number[] {
  return upTo(8).map((i) => length - 60 + 10 * i);
}
