import { parentPort } from 'node:worker_threads';
import { problem } from '../../problems/problem.js';
import { StatisticsError } from '../../statistics/statistics-error.js';
import { statistics } from './statistics/compute.js';
import { RefusedError } from './statistics/refused.js';
import type { FromStatisticsThread, ToStatisticsThread } from './thread-protocol.js';

/** Computes statistics of answers beside the thread that answers requests. One request is computed at a time. */
if (parentPort === null) throw new Error('statistics-thread.ts runs as a worker thread of the API.');
const port = parentPort;

/** Rows of a part of a result: few enough that requests do not wait while they are copied. */
const rowsAPart = 2_000;

let lists: Record<string, unknown[]> = {};
let replies: Iterator<FromStatisticsThread> | null = null;

port.on('message', (message: ToStatisticsThread) => {
  switch (message.kind) {
    case 'rows': {
      const list = lists[message.field] ?? [];
      lists[message.field] = list;
      for (const row of message.rows) list.push(row);
      return;
    }
    case 'compute': {
      // What was given of no list is not there: functions take an empty one.
      const request = { ...emptyLists, ...message.settings, ...lists };
      lists = {};
      replies = repliesOf(() => (statistics[message.name] as (request: object) => unknown)(request));
      break;
    }
    case 'next':
      break;
    default:
      message satisfies never;
  }
  const reply = replies?.next();
  if (reply === undefined || reply.done) return;
  port.postMessage(reply.value, reply.value.kind === 'done' ? buffersOf(reply.value.result) : []);
});

/** The lists of all requests. */
const emptyLists = { answers: [], items: [], predicted: [] };

function* repliesOf(compute: () => unknown): Generator<FromStatisticsThread, void> {
  try {
    const result = compute();
    const isList = Array.isArray(result);
    const rest: Record<string, unknown> = {};
    for (const [field, value] of Object.entries(isList ? { list: result } : (result as object))) {
      if (!Array.isArray(value)) {
        rest[field] = value;
        continue;
      }
      if (value.length === 0) yield { kind: 'part', field, rows: [] };
      for (let from = 0; from < value.length; from += rowsAPart) {
        yield { kind: 'part', field, rows: value.slice(from, from + rowsAPart) };
      }
    }
    yield { kind: 'done', result: rest, isList };
  } catch (error) {
    yield failureOf(error);
  }
}

function failureOf(error: unknown): FromStatisticsThread {
  if (error instanceof RefusedError) {
    return { kind: 'refused', problem: problem(error.path, error.code, error.message, error.hint) };
  }
  if (error instanceof StatisticsError) {
    return { kind: 'refused', problem: problem([], 'INVALID_VALUE', error.message) };
  }
  if (error instanceof Error) return { kind: 'failed', message: error.message, stack: error.stack ?? null };
  return { kind: 'failed', message: String(error), stack: null };
}

/** Arrays of numbers are handed over, and not copied. */
function buffersOf(result: unknown): ArrayBuffer[] {
  return Object.values(result as object).flatMap((value) =>
    ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
  );
}
