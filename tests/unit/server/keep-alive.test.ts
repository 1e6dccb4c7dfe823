import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeepAlive } from '../../../src/server/live/keep-alive.js';

/** A socket that notes what is done to it. */
class Socket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1 as const;
  readonly done: string[] = [];
  ping = (): void => void this.done.push('ping');
  terminate = (): void => void this.done.push('terminate');
}

let keepAlive: KeepAlive;
beforeEach(() => {
  // Its own timer never fires.
  keepAlive = new KeepAlive(2 ** 31 - 1);
});
afterEach(() => keepAlive.close());

const add = (): Socket => {
  const socket = new Socket();
  keepAlive.add(socket as never);
  return socket;
};
const turns = (count: number): void => {
  for (let i = 0; i < count; i += 1) keepAlive.pingPortion();
};

test('each socket is pinged once a round, the first time after a whole one', () => {
  const sockets: Socket[] = [];
  for (let i = 0; i < 24; i += 1) {
    sockets.push(add());
    turns(1);
  }
  for (const [i, socket] of sockets.entries()) {
    // A socket that came at turn i was pinged at turn i + 11 and, unanswered, terminated at turn i + 23.
    expect(socket.done).toEqual(i <= 0 ? ['ping', 'terminate'] : i <= 12 ? ['ping'] : []);
  }
});

test('who answers is pinged again, who does not is terminated', () => {
  const [good, bad] = [add(), add()];
  for (let round = 0; round < 3; round += 1) {
    turns(12);
    good.emit('pong');
  }
  expect(good.done).toEqual(['ping', 'ping', 'ping']);
  expect(bad.done.slice(0, 2)).toEqual(['ping', 'terminate']);
});

test('a socket that has closed is forgotten', () => {
  const socket = add();
  socket.emit('close');
  turns(24);
  expect(socket.done).toEqual([]);
});
