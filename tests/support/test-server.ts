import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { findPostmaster, isRunning, stopPostmaster } from '../../src/database/embedded/postmaster.js';
import { startEmbeddedServer } from '../../src/database/embedded/server.js';
import { readServerSettings } from '../../src/database/embedded/settings-file.js';
import { migrate } from '../../src/database/migrate.js';

/** Migrated once; each test database is a copy of it. */
export const templateDatabase = 'attune_template';

export interface TestServer {
  databaseUrl(name: string): string;
  /** Stops the server and removes its data. */
  stop(): Promise<void>;
}

const folderPrefix = 'attune-tests-';

/** A database server whose data may be lost, with the migrated template in it. */
export async function startTestServer(): Promise<TestServer> {
  await removeLeftovers();
  const home = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
  // As root, the server runs under another user, who must be able to enter the folder.
  await chmod(home, 0o755);
  const server = await startEmbeddedServer({
    home,
    durable: false,
    log: () => undefined,
    onLost: (error) => {
      throw error;
    },
  });
  const url = server.databaseUrl('postgres');
  await administer(url, `CREATE DATABASE ${templateDatabase}`);
  await migrate(server.databaseUrl(templateDatabase));
  return {
    databaseUrl: (name) => server.databaseUrl(name),
    async stop() {
      await server.stop();
      // The data lie elsewhere when the folder for temporary files is private to root.
      const outside = (await readServerSettings(home))?.dataFolder ?? null;
      for (const folder of [home, ...(outside === null ? [] : [dirname(outside)])]) {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** One statement outside a transaction. */
export async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Removes servers and folders of test runs that were killed; their names contain their process id. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(folderPrefix) ? Number(name.slice(folderPrefix.length).split('-')[0]) : Number.NaN;
    if (!Number.isInteger(owner) || isRunning(owner)) continue;
    const dataFolder = join(tmpdir(), name, 'postgres');
    const postmaster = await findPostmaster(dataFolder);
    if (postmaster !== null) await stopPostmaster(dataFolder, postmaster.processId);
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}
