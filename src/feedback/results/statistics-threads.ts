import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ProblemsError, problem } from '../../problems/problem.js';
import { resultLimits } from './result-limits.js';
import type { RequestOf, ResultOf, StatisticName } from './statistics/compute.js';
import type { FromStatisticsThread, ToStatisticsThread } from './thread-protocol.js';

/** Rows that are copied to the thread at once: few enough that requests do not wait for it. */
const rowsAMessage = 2_000;

/** Computes statistics in a thread of its own, so that requests go on meanwhile. */
export interface StatisticsThreads {
  /**
   * @throws ProblemsError INVALID_VALUE where the request is wrong, TIMEOUT where it took too long, or too many wait
   */
  compute<Name extends StatisticName>(name: Name, request: RequestOf<Name>): Promise<ResultOf<Name>>;
}

/** One thread, which starts with the first request and ends when there was none for a while. */
export function createStatisticsThreads(script: URL = threadScript()): StatisticsThreads {
  let thread: Worker | null = null;
  let idle: NodeJS.Timeout | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function run(name: StatisticName, request: object): Promise<unknown> {
    if (idle !== null) clearTimeout(idle);
    thread ??= start(script);
    const worker = thread;
    try {
      const reply = await ask(worker, name, request);
      if (reply.kind === 'refused') throw refused(reply.message);
      if (reply.kind === 'failed') throw Object.assign(new Error(reply.message), { stack: reply.stack });
      idle = setTimeout(() => end(worker), resultLimits.idleMs).unref();
      return reply.result;
    } catch (error) {
      if (!(error instanceof ProblemsError) || isTimeout(error)) end(worker);
      throw error;
    }
  }

  function end(worker: Worker): void {
    if (thread === worker) thread = null;
    void worker.terminate();
  }

  return {
    async compute<Name extends StatisticName>(name: Name, request: RequestOf<Name>) {
      if (waiting >= resultLimits.maxWaiting) {
        const message = `${waiting} statistics are being computed or wait for it, and no more can.`;
        throw new ProblemsError([problem([], 'TIMEOUT', message, 'Try again in a minute.')]);
      }
      waiting++;
      const mine = last.then(() => run(name, request)).finally(() => waiting--);
      last = mine.catch(() => undefined);
      return (await mine) as ResultOf<Name>;
    },
  };
}

/** Where sources run as they are, threads run what was built of them: Node 20 reads no TypeScript. */
function threadScript(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return new URL(
    isSource ? '../../../dist/src/feedback/results/statistics-thread.js' : './statistics-thread.js',
    import.meta.url,
  );
}

function start(script: URL): Worker {
  const worker = new Worker(script, { name: 'statistics' });
  // Whoever asked is told by `ask`; with nobody asking, an error must not end the process.
  worker.on('error', () => undefined);
  worker.unref();
  return worker;
}

function ask(worker: Worker, name: StatisticName, request: object): Promise<FromStatisticsThread> {
  return new Promise((resolve, reject) => {
    const seconds = resultLimits.maxMs / 1000;
    const timer = setTimeout(() => fail(tookTooLong(seconds)), resultLimits.maxMs);
    const done = (): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      worker.unref();
    };
    const fail = (error: Error): void => {
      done();
      reject(error);
    };
    const onMessage = (reply: FromStatisticsThread): void => {
      done();
      resolve(reply);
    };
    const onError = (error: unknown): void => fail(error instanceof Error ? error : new Error(String(error)));
    const onExit = (code: number): void => fail(new Error(`The thread of statistics ended with code ${code}.`));
    worker.ref();
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    send(worker, name, request).catch(fail);
  });
}

async function send(worker: Worker, name: StatisticName, request: object): Promise<void> {
  const post = (message: ToStatisticsThread): void => worker.postMessage(message);
  const rest: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(request)) {
    if (!Array.isArray(value)) {
      rest[field] = value;
      continue;
    }
    // An empty list is one, too.
    post({ kind: 'rows', field, rows: [] });
    for (let from = 0; from < value.length; from += rowsAMessage) {
      post({ kind: 'rows', field, rows: value.slice(from, from + rowsAMessage) });
      await nextTurn();
    }
  }
  post({ kind: 'compute', name, rest });
}

const tooLong = 'The statistic took longer than';

function tookTooLong(seconds: number): ProblemsError {
  const hint = 'Ask for fewer rounds, or without control of style.';
  return new ProblemsError([problem([], 'TIMEOUT', `${tooLong} ${seconds} seconds.`, hint)]);
}

function isTimeout({ problems }: ProblemsError): boolean {
  return problems.some(({ code, message }) => code === 'TIMEOUT' && message.startsWith(tooLong));
}

function refused(message: string): ProblemsError {
  return new ProblemsError([problem([], 'INVALID_VALUE', message)]);
}
