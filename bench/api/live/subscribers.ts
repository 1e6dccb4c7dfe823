/**
 * Many subscribers in one process: WebSockets of the protocol graphql-transport-ws that read of each message only its
 * seq and the moment at which its step was measured, so that little of the machine goes into clients.
 */
import { WebSocket } from 'ws';
import { answerQuestions } from '../child.js';
import { sharedNow } from './clock.js';
import type { Collected, SubscribersAnswer, SubscribersQuestion } from './subscribe.js';

interface Subscriber {
  readonly socket: WebSocket;
  lastSeq: number;
  received: number;
}

/** Sockets that are being opened at a time. */
const atATime = 50;

let subscribers: Subscriber[] = [];
let latencies: number[] = [];
let outOfOrder = 0;
let lastAt = 0;
let closed = 0;
/** Messages up to this one are older than what is measured. */
let afterSeq = 0;

answerQuestions<SubscribersQuestion, SubscribersAnswer>(async (question) => {
  switch (question.kind) {
    case 'open': {
      const waiting = [...question.sockets];
      const openAll = async (): Promise<void> => {
        for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
          subscribers.push(await open(question.url, each.localAddress, each.subscription));
        }
      };
      await Promise.all(Array.from({ length: atATime }, openAll));
      return null;
    }
    case 'received':
      return Math.min(...subscribers.map(({ received }) => received));
    case 'begin':
      [latencies, outOfOrder, lastAt, afterSeq] = [[], 0, 0, question.afterSeq];
      for (const subscriber of subscribers) subscriber.received = 0;
      return null;
    case 'collect':
      return collect(question.each, question.withinMs);
    case 'close': {
      for (const { socket } of subscribers) socket.removeAllListeners('close').terminate();
      [subscribers, closed, afterSeq] = [[], 0, 0];
      return null;
    }
    default:
      return question satisfies never;
  }
});

/** Resolves when the server has acknowledged the connection and the subscription is on its way. */
function open(url: string, localAddress: string, subscription: object | null): Promise<Subscriber> {
  const options = { localAddress, perMessageDeflate: false, skipUTF8Validation: true };
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', options);
  const subscriber: Subscriber = { socket, lastSeq: 0, received: 0 };
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      closed += 1;
      reject(new Error(`A socket closed: ${code} ${reason}`));
    });
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (data: Buffer) => {
      const text = data.toString('latin1');
      if (text.includes('"type":"next"')) receive(subscriber, text);
      else if (text.includes('"type":"ping"')) socket.send('{"type":"pong"}');
      else if (text.includes('"type":"connection_ack"')) {
        if (subscription !== null) socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: subscription }));
        resolve(subscriber);
      } else throw new Error(`Unexpected: ${text}`);
    });
  });
}

function receive(subscriber: Subscriber, text: string): void {
  const seq = numberAfter(text, '"seq":');
  if (subscriber.lastSeq !== 0 && seq !== subscriber.lastSeq + 1) outOfOrder += 1;
  subscriber.lastSeq = seq;
  if (seq <= afterSeq) return;
  subscriber.received += 1;
  lastAt = sharedNow();
  latencies.push(lastAt - numberAfter(text, '"value":'));
}

function numberAfter(text: string, key: string): number {
  return Number.parseFloat(text.slice(text.indexOf(key) + key.length, text.indexOf(key) + key.length + 24));
}

/** Waits until every subscriber has received so many messages, but not longer than `withinMs`. */
async function collect(each: number, withinMs: number): Promise<Collected> {
  const end = sharedNow() + withinMs;
  const isWhole = (): boolean => subscribers.every(({ received }) => received >= each);
  while (!isWhole() && sharedNow() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  const delivered = latencies.length;
  return { delivered, latencies, outOfOrder, lastAt, closed };
}
