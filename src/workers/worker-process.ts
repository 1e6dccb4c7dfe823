import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const firstRestartDelayMs = 500;
const maxRestartDelayMs = 30_000;
/** A worker that has lived this long had a good start: its restart does not wait for the ones before it. */
const healthyAfterMs = 60_000;
/** Time to write a checkpoint and give the job back. */
const stopTimeoutMs = 60_000;

/** What only the API has a use for. A worker reads files of strangers: what it does not know, it can't tell. */
const secretsOfApi = ['ATTUNE_SECRET', 'OIDC_CLIENT_SECRET'] as const;

/** The environment for a worker: that of this process, with its settings, without secrets that are none of its own. */
export function workerEnvironment(
  env: NodeJS.ProcessEnv,
  settings: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const given = { ...env, ...settings };
  for (const name of secretsOfApi) delete given[name];
  return given;
}

export interface SupervisedWorkers {
  /** Asks the workers to give their jobs back, waits, and ends those that don't. */
  stop(): Promise<void>;
}

/**
 * Starts worker processes and starts them again when they die. A worker is a process group of its own, so that Ctrl-C reaches this
 * process only, which stops it in order; and it ends by itself when this process is gone, because its channel closes.
 *
 * script: the worker's main file. env: its whole environment. writeLine: one line of its log.
 */
export function superviseWorkers(options: {
  readonly count: number;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly writeLine: (line: string) => void;
  readonly log: (message: string) => void;
}): SupervisedWorkers {
  const supervised = Array.from({ length: options.count }, () => superviseWorker(options));
  return {
    async stop() {
      await Promise.all(supervised.map((worker) => worker.stop()));
    },
  };
}

function superviseWorker(options: Parameters<typeof superviseWorkers>[0]): SupervisedWorkers {
  const { script, env, writeLine, log } = options;
  let child: ChildProcess | null = null;
  let restart: NodeJS.Timeout | null = null;
  let delayMs = firstRestartDelayMs;
  let stopping = false;

  const start = (): void => {
    restart = null;
    const startedAt = performance.now();
    const started = fork(script, [], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', writeLine);
    }
    let ended = false;
    const end = (how: string): void => {
      if (ended) return;
      ended = true;
      child = null;
      if (stopping) return;
      if (performance.now() - startedAt > healthyAfterMs) delayMs = firstRestartDelayMs;
      log(`Worker process ${started.pid ?? '(not started)'} ended (${how}): starting another in ${delayMs} ms`);
      restart = setTimeout(start, delayMs);
      delayMs = Math.min(2 * delayMs, maxRestartDelayMs);
    };
    started.once('error', (error) => end(error.message));
    started.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  };

  start();
  return {
    async stop() {
      stopping = true;
      if (restart !== null) clearTimeout(restart);
      const last = child;
      if (last === null) return;
      const exited = once(last, 'exit');
      last.kill('SIGTERM');
      const deadline = setTimeout(() => {
        log(`Worker process ${last.pid} did not stop within ${stopTimeoutMs / 1000} s: ending it`);
        last.kill('SIGKILL');
      }, stopTimeoutMs);
      await exited;
      clearTimeout(deadline);
    },
  };
}
