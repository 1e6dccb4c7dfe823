import { parentPort } from 'node:worker_threads';
import { StatisticsError } from '../../statistics/statistics-error.js';
import { statistics } from './statistics/compute.js';
import type { FromStatisticsThread, ToStatisticsThread } from './thread-protocol.js';

/** Computes statistics of answers beside the thread that answers requests. One request is computed at a time. */
if (parentPort === null) throw new Error('statistics-thread.ts runs as a worker thread of the API.');
const port = parentPort;

let lists: Record<string, unknown[]> = {};

port.on('message', (message: ToStatisticsThread) => {
  if (message.kind === 'rows') {
    const list = lists[message.field] ?? [];
    lists[message.field] = list;
    for (const row of message.rows) list.push(row);
    return;
  }
  const request = { ...message.rest, ...lists };
  lists = {};
  port.postMessage(answer(() => (statistics[message.name] as (request: object) => unknown)(request)));
});

function answer(compute: () => unknown): FromStatisticsThread {
  try {
    return { kind: 'done', result: compute() };
  } catch (error) {
    if (error instanceof StatisticsError) return { kind: 'refused', message: error.message };
    if (error instanceof Error) return { kind: 'failed', message: error.message, stack: error.stack ?? null };
    return { kind: 'failed', message: String(error), stack: null };
  }
}
