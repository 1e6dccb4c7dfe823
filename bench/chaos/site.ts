import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { queryOf } from '../../gpu-worker/queue/connection.js';
import { isTransient } from '../../gpu-worker/queue/retry.js';
import { findPostmaster, stopPostmaster } from '../../src/database/embedded/postmaster.js';
import { readServerSettings } from '../../src/database/embedded/settings-file.js';
import type { Query } from '../../src/protocol/sql/query.js';
import { createGraphQLClient, type GraphQLClient } from '../../tests/support/graphql-client.js';
import { type ProductProcess, startProcess } from './process.js';

/** A worker that stops for longer than this loses its job to another. */
export const leaseSeconds = 6;

interface Api {
  readonly process: ProductProcess;
  readonly url: string;
}

/**
 * Two API processes, two workers and a PostgreSQL server on one temporary folder, all on loopback. The first API has
 * the embedded server, and starts it again when it dies; the second one is given its URL.
 */
export interface Site {
  readonly home: string;
  readonly apis: Api[];
  readonly workers: ProductProcess[];
  readonly query: Query;
  /** Process id of the PostgreSQL server; null: it does not run at this moment. */
  databaseProcess(): Promise<number | null>;
  /** Starts an API again, on the port it had. @param env further settings */
  startApi(index: number, env?: Readonly<Record<string, string>>): Promise<void>;
  startWorker(index: number): void;
  /** Runs `work` with a client of one API after the other, until it succeeds or `patienceMs` have passed. */
  withAnyApi<Result>(work: (client: GraphQLClient) => Promise<Result>, patienceMs?: number): Promise<Result>;
  close(): Promise<void>;
}

const retryMs = 250;
const mostStarts = 5;

export async function openSite(): Promise<Site> {
  const home = await mkdtemp(join(tmpdir(), 'attune-chaos-'));
  // Started by root, the database server runs as another user, who has to reach its data in there.
  await chmod(home, 0o755);
  const common = {
    ATTUNE_HOME: home,
    ATTUNE_WORKERS: '0',
    ATTUNE_LEASE_SECONDS: String(leaseSeconds),
    ATTUNE_HEARTBEAT_MS: '1000',
    ATTUNE_THREADS: '1',
    ATTUNE_ENGINE: 'cpu',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    NODE_ENV: 'production',
  };
  const apis: Api[] = [];
  const workers: ProductProcess[] = [];
  let databaseUrl = '';
  let pool: pg.Pool | null = null;

  const dataFolder = async () => (await readServerSettings(home))?.dataFolder ?? join(home, 'postgres');
  const startApiOnce = async (index: number, env: Readonly<Record<string, string>>): Promise<void> => {
    const process = startProcess('src/main.js', {
      ...common,
      PORT: (apis[index]?.url ?? '') === '' ? '0' : new URL(apis[index]!.url).port,
      ...(index === 0 ? {} : { DATABASE_URL: databaseUrl }),
      ...env,
    });
    // Known before it is ready, so that it is ended whatever happens.
    apis[index] = { process, url: apis[index]?.url ?? '' };
    const [url] = await process.printed(/http:\/\/127\.0\.0\.1:\d+/);
    apis[index] = { process, url };
  };
  /** An API whose connections break while it starts says why and ends: whoever runs it starts it again. */
  const startApi = async (index: number, env: Readonly<Record<string, string>> = {}): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await startApiOnce(index, env);
      } catch (error) {
        if (attempt === mostStarts) throw error;
      }
    }
  };

  const site: Site = {
    home,
    apis,
    workers,
    async query(sql, parameters) {
      for (const until = performance.now() + 60_000; ; ) {
        try {
          return await queryOf(pool!)(sql, parameters);
        } catch (error) {
          if (!isTransient(error) || performance.now() > until) throw error;
          await pause(retryMs);
        }
      }
    },
    databaseProcess: async () => (await findPostmaster(await dataFolder()))?.processId ?? null,
    startApi,
    startWorker(index) {
      workers[index] = startProcess('gpu-worker/main.js', { ...common, DATABASE_URL: databaseUrl });
    },
    async withAnyApi(work, patienceMs = 60_000) {
      const until = performance.now() + patienceMs;
      for (let turn = 0; ; turn += 1) {
        const client = createGraphQLClient(apis[turn % apis.length]!.url);
        try {
          return await work(client);
        } catch (error) {
          if (performance.now() > until) throw error;
          await pause(retryMs);
        } finally {
          await client.close();
        }
      }
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.end('SIGKILL')));
      await pool?.end().catch(() => undefined);
      await apis[1]?.process.end('SIGKILL');
      // In order, which ends the database too.
      await apis[0]?.process.end('SIGTERM');
      const left = await site.databaseProcess();
      if (left !== null) await stopPostmaster(await dataFolder(), left);
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };

  try {
    await startApi(0);
    const settings = await readServerSettings(home);
    const server = await findPostmaster(await dataFolder());
    if (settings === null || server === null) throw new Error('The first API has no embedded database server.');
    databaseUrl = `postgres://attune:${settings.password}@127.0.0.1:${server.port}/attune`;
    pool = new pg.Pool({ connectionString: databaseUrl, max: 4, application_name: 'chaos', query_timeout: 20_000 });
    pool.on('error', () => undefined);
    await startApi(1);
    for (const index of [0, 1]) site.startWorker(index);
    return site;
  } catch (error) {
    await site.close();
    throw error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
