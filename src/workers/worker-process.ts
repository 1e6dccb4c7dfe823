import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { WorkerEnding } from '../protocol/worker-ending.js';

const firstRestartDelayMs = 500;
const maxRestartDelayMs = 30_000;
/** A worker that lived this long had a good start, so its restart does not wait longer because of earlier failures. */
const healthyAfterMs = 60_000;
/** Time for a worker to write a checkpoint and return its job to the queue. */
const stopTimeoutMs = 60_000;

/**
 * Secrets that only the API uses. A worker reads files from strangers: it can't reveal a secret that it does not know.
 */
const secretsOfApi = ['ATTUNE_SECRET', 'OIDC_CLIENT_SECRET'] as const;

/**
 * The environment for a worker: this process's environment with the worker's settings, but without the API's secrets.
 */
export function workerEnvironment(
  env: NodeJS.ProcessEnv,
  settings: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const given = { ...env, ...settings };
  for (const name of secretsOfApi) delete given[name];
  return given;
}

export interface SupervisedWorkers {
  /** Asks the workers to return their jobs, waits, and then kills those that are still running. */
  stop(): Promise<void>;
}

/**
 * Starts worker processes, and restarts those that die. Each worker is a process group of its own, so that Ctrl-C
 * reaches only this process, which stops the workers in order. A worker ends by itself when this process is gone,
 * because its channel closes.
 *
 * @param script the worker's main file
 * @param env the worker's whole environment
 * @param writeLine writes one line of the worker's log
 * @param onEnded called when a worker's process has ended by itself, or was ended by others
 */
export function superviseWorkers(options: {
  readonly count: number;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  /** What the environment of the worker with this index has besides; it stays when the worker is restarted. */
  readonly envOf?: (index: number) => Readonly<Record<string, string>>;
  readonly writeLine: (line: string) => void;
  readonly log: (message: string) => void;
  readonly onEnded?: (processId: number, ending: WorkerEnding) => void;
}): SupervisedWorkers {
  const supervised = Array.from({ length: options.count }, (_, index) =>
    superviseWorker({ ...options, env: { ...options.env, ...options.envOf?.(index) } }),
  );
  return {
    async stop() {
      await Promise.all(supervised.map((worker) => worker.stop()));
    },
  };
}

function superviseWorker(options: Parameters<typeof superviseWorkers>[0]): SupervisedWorkers {
  const { script, env, writeLine, log, onEnded } = options;
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
    started.once('exit', (code, signal) => {
      const ending: WorkerEnding = signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal };
      if (!stopping && started.pid !== undefined) onEnded?.(started.pid, ending);
      end(signal ?? `exit code ${code}`);
    });
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
        log(`Worker process ${last.pid} did not stop within ${stopTimeoutMs / 1000} s: killing it`);
        last.kill('SIGKILL');
      }, stopTimeoutMs);
      await exited;
      clearTimeout(deadline);
    },
  };
}
