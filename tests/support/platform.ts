import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGraphQLClient, type GraphQLClient } from './graphql-client.js';
import { queryDatabase } from './query-database.js';

const dist = (path: string) => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));

/** A process of the product, started as a user starts it; `output` returns everything it wrote. */
export interface RunningProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves with the first match of `pattern` in the output; rejects with the output when the process ends before. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Ends the process with `signal` and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** @param through a command that runs the command that follows it, such as a tracer; it has to become that process */
function startProcess(script: string, env: Record<string, string>, through: readonly string[] = []): RunningProcess {
  const [command = '', ...args] = [...through, process.execPath, dist(script)];
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const waiting = new Set<() => void>();
  const notice = () => {
    for (const check of waiting) check();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      notice();
    });
  }
  const exited = once(child, 'exit').then(() => notice());
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return {
    child,
    output: () => text,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const match = text.match(pattern);
          const ended = child.exitCode !== null || child.signalCode !== null;
          if (!match && !ended) return;
          waiting.delete(check);
          if (match) resolve(match);
          else reject(new Error(`${script} ended before it printed ${pattern}:\n${text}`));
        };
        waiting.add(check);
        check();
      }),
    end,
    [Symbol.asyncDispose]: async () => {
      await end();
    },
  };
}

export interface TestPlatform extends AsyncDisposable {
  readonly url: string;
  readonly home: string;
  readonly process: RunningProcess;
  readonly client: GraphQLClient;
}

/** The platform on a free port: with its own embedded server, or on `databaseUrl` with no worker of its own. */
export async function startTestPlatform(
  options: {
    home?: string;
    databaseUrl?: string;
    port?: number;
    env?: Record<string, string>;
    through?: readonly string[];
  } = {},
): Promise<TestPlatform> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'attune-e2e-')));
  const env = {
    ATTUNE_HOME: home,
    PORT: String(options.port ?? 0),
    LOG_LEVEL: 'info',
    NODE_ENV: 'production',
    ...(options.databaseUrl ? { DATABASE_URL: options.databaseUrl, ATTUNE_WORKERS: '0' } : {}),
    ...options.env,
  };
  const running = startProcess('src/main.js', env, options.through);
  const [url] = await running.printed(/http:\/\/127\.0\.0\.1:\d+/);
  const client = createGraphQLClient(url!);
  return {
    url: url!,
    home,
    process: running,
    client,
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await running.end();
      if (!options.home) await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Does work that takes a worker, such as making a dataset, with one that ends before what comes after it. */
export async function withTestWorker<Result>(
  options: Parameters<typeof startTestWorker>[0],
  work: () => Promise<Result>,
): Promise<Result> {
  await using _worker = startTestWorker(options);
  return await work();
}

/** Starts a worker on an existing database, with leases short enough for a test to wait for. */
export function startTestWorker(options: {
  databaseUrl: string;
  home: string;
  env?: Record<string, string>;
}): RunningProcess {
  return startProcess('gpu-worker/main.js', {
    DATABASE_URL: options.databaseUrl,
    ATTUNE_HOME: options.home,
    LOG_LEVEL: 'info',
    ATTUNE_LEASE_SECONDS: '3',
    ATTUNE_HEARTBEAT_MS: '500',
    ...options.env,
  });
}

/** Kills a worker, and ends its leases, which would run out in seconds: the next worker takes its jobs over at once. */
export async function killTestWorker(worker: RunningProcess, databaseUrl: string): Promise<void> {
  await worker.end('SIGKILL');
  await queryDatabase(databaseUrl, `UPDATE jobs SET lease_until = now() WHERE state = 'claimed'`);
}
