import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { startEmbeddedServer } from '../../src/database/embedded/server.js';
import { readEnv } from '../../src/env.js';
import { startPlatform } from '../../src/platform.js';

/** Where the metrics are: the API, and a connection to its database. */
export interface MeasuredPlatform {
  readonly url: string;
  readonly client: pg.Client;
  readonly databaseUrl: string;
}

/** Starts the embedded database and the API, without workers, on a temporary folder, and ends them after `work`. */
export async function withPlatform(work: (platform: MeasuredPlatform) => Promise<void>): Promise<void> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const home = await mkdtemp(join(tmpdir(), 'attune-bench-metrics-'));
    ends.push(() => rm(home, { recursive: true, force: true }));
    const onLost = (error: Error): never => {
      throw error;
    };
    const server = await startEmbeddedServer({ home, log: () => undefined, onLost });
    ends.push(() => server.stop());
    const env = { ATTUNE_HOME: home, DATABASE_URL: server.url, ATTUNE_WORKERS: '0', PORT: '0', LOG_LEVEL: 'silent' };
    const platform = await startPlatform(readEnv(env), {
      logger: pino({ level: 'silent' }),
      workerScript: '',
      workerEnv: {},
      writeWorkerLine: () => undefined,
      onLost,
    });
    ends.push(() => platform.close());
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    ends.push(() => client.end());
    await work({ url: platform.url, client, databaseUrl: server.url });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
