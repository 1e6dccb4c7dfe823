import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { ProblemsError, problem } from '../../problems/problem.js';
import { resultLimits } from './result-limits.js';
import type { RequestOf, ResultOf, StatisticName } from './statistics/compute.js';
import type { FromStatisticsThread, ToStatisticsThread } from './thread-protocol.js';

type ListsOf<Request> = {
  [Field in keyof Request as Request[Field] extends readonly unknown[] ? Field : never]: Request[Field];
};

/** What of a request is no list. */
type Settings<Name extends StatisticName> = Omit<RequestOf<Name>, keyof ListsOf<RequestOf<Name>>>;

/** Gives the thread some more rows of a list. The next ones wait until it has resolved. */
export type Give<Name extends StatisticName> = <Field extends keyof ListsOf<RequestOf<Name>> & string>(
  field: Field,
  rows: RequestOf<Name>[Field],
) => Promise<void>;

/** Computes statistics in a thread of its own, so that requests go on meanwhile. */
export interface StatisticsThreads {
  /**
   * @param read gives the lists of the request, block by block, once it is its turn; a list of which nothing is given
   * is empty. What it throws is thrown.
   * @throws ProblemsError INVALID_VALUE where the request is wrong, TOO_LARGE where it would take too much memory,
   * TIMEOUT where it took too long, or too many wait
   */
  compute<Name extends StatisticName>(
    name: Name,
    settings: Settings<Name>,
    read: (give: Give<Name>) => Promise<void>,
  ): Promise<ResultOf<Name>>;
}

type Read = (give: (field: string, rows: readonly unknown[]) => Promise<void>) => Promise<void>;

/** One thread, which starts with the first request and ends when there was none for a while. */
export function createStatisticsThreads(script: URL = threadScript()): StatisticsThreads {
  let thread: Worker | null = null;
  let idle: NodeJS.Timeout | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function run(name: StatisticName, settings: object, read: Read): Promise<unknown> {
    if (idle !== null) clearTimeout(idle);
    thread ??= start(script);
    const worker = thread;
    try {
      const result = await ask(worker, name, settings, read);
      idle = setTimeout(() => end(worker), resultLimits.idleMs).unref();
      return result;
    } catch (error) {
      // A thread that refused waits for the next request. Others may have read half of this one.
      if (error instanceof Refused) {
        idle = setTimeout(() => end(worker), resultLimits.idleMs).unref();
        throw error.problems;
      }
      end(worker);
      throw error;
    }
  }

  function end(worker: Worker): void {
    if (thread === worker) thread = null;
    void worker.terminate();
  }

  return {
    async compute<Name extends StatisticName>(
      name: Name,
      settings: Settings<Name>,
      read: (give: Give<Name>) => Promise<void>,
    ) {
      if (waiting >= resultLimits.maxWaiting) {
        const message = `${waiting} statistics are being computed or wait for it, and no more can.`;
        throw new ProblemsError([problem([], 'TIMEOUT', message, 'Try again in a minute.')]);
      }
      waiting++;
      const mine = last.then(() => run(name, settings, read as unknown as Read)).finally(() => waiting--);
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
  const resourceLimits = { maxOldGenerationSizeMb: resultLimits.maxThreadMegabytes };
  const worker = new Worker(script, { name: 'statistics', resourceLimits });
  // Whoever asked is told by `ask`; with nobody asking, an error must not end the process.
  worker.on('error', () => undefined);
  worker.unref();
  return worker;
}

class Refused extends Error {
  constructor(readonly problems: ProblemsError) {
    super(problems.message);
  }
}

function ask(worker: Worker, name: StatisticName, settings: object, read: Read): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const seconds = resultLimits.maxMs / 1000;
    const timer = setTimeout(() => fail(tookTooLong(seconds)), resultLimits.maxMs);
    const post = (message: ToStatisticsThread): void => worker.postMessage(message);
    const parts: Record<string, unknown[]> = {};
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
      switch (reply.kind) {
        case 'part': {
          const list = parts[reply.field] ?? [];
          parts[reply.field] = list;
          for (const row of reply.rows) list.push(row);
          // Requests have their turn between two parts.
          setImmediate(() => post({ kind: 'next' }));
          return;
        }
        case 'done':
          done();
          resolve(reply.isList ? (parts.list ?? []) : { ...(reply.result as object), ...parts });
          return;
        case 'refused':
          fail(new Refused(new ProblemsError([reply.problem])));
          return;
        case 'failed':
          fail(Object.assign(new Error(reply.message), { stack: reply.stack }));
          return;
        default:
          reply satisfies never;
      }
    };
    const onError = (error: unknown): void => fail(toError(error));
    const onExit = (code: number): void => fail(new Error(`The thread of statistics ended with code ${code}.`));
    worker.ref();
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    read(async (field, rows) => {
      post({ kind: 'rows', field, rows });
      await nextTurn();
    })
      .then(() => post({ kind: 'compute', name, settings }))
      .catch(fail);
  });
}

function toError(error: unknown): Error {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    const message = `The statistic would take more than ${resultLimits.maxThreadMegabytes} MB of memory.`;
    const hint = 'Export the answers, and compute it elsewhere.';
    return new ProblemsError([problem([], 'TOO_LARGE', message, hint)]);
  }
  return error instanceof Error ? error : new Error(String(error));
}

function tookTooLong(seconds: number): ProblemsError {
  const hint = 'Ask for fewer rounds, or without control of style.';
  return new ProblemsError([problem([], 'TIMEOUT', `The statistic took longer than ${seconds} seconds.`, hint)]);
}
