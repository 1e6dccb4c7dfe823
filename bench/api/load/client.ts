/**
 * Sends requests to a server and measures the answers: a process of its own, since it computes beside the server. Two
 * ways: `connections` that each send a request as soon as they have an answer say how many the server answers; requests
 * at a `rate`, each sent when its time has come whatever the others do, say how long one waits.
 */
import { Pool } from 'undici';
import { answerQuestions } from '../child.js';
import type { LoadQuestion, LoadTurn } from './load.js';

/** Of requests at a rate; those beyond wait for one, and their wait counts. */
const mostConnections = 200;

answerQuestions<LoadQuestion, LoadTurn>(async ({ origin, path, headers, body, seconds, pace, firstAnswer }) => {
  const connections = 'connections' in pace ? pace.connections : mostConnections;
  const pool = new Pool(origin, { connections, pipelining: 1, keepAliveTimeout: 60_000 });
  const latencies: number[] = [];
  const send = async (since: number): Promise<void> => {
    const response = await pool.request(
      body === null ? { method: 'GET', path, headers } : { method: 'POST', path, headers, body },
    );
    const answer = await response.body.text();
    latencies.push(performance.now() - since);
    if (response.statusCode !== 200 || answer !== firstAnswer) {
      throw new Error(`${response.statusCode}, another answer than the first: ${answer.slice(0, 500)}`);
    }
  };
  const begin = performance.now();
  const end = begin + 1000 * seconds;
  if ('connections' in pace) {
    const repeat = async (): Promise<void> => {
      // At least one, however long it takes.
      do await send(performance.now());
      while (performance.now() < end);
    };
    await Promise.all(Array.from({ length: connections }, repeat));
  } else {
    await sendAtRate(pace.rate, begin, end, send);
  }
  const elapsedSeconds = (performance.now() - begin) / 1000;
  await pool.close();
  return { latencies, elapsedSeconds };
});

/** Latency counts from when a request was due, so that a server that stands still is seen by all that it delays. */
async function sendAtRate(
  rate: number,
  begin: number,
  end: number,
  send: (since: number) => Promise<void>,
): Promise<void> {
  const sent: Promise<void>[] = [];
  for (let due = begin; due < end; due += 1000 / rate) {
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    sent.push(send(due));
  }
  await Promise.all(sent);
}
