import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedServer } from '../../src/database/embedded/server.js';

/** The one PostgreSQL server that Attune and all peers use, with the settings of the embedded one. */
export interface Databases {
  /** The server's version. */
  readonly version: string;
  /** The folder that processes of this bench keep their files in. */
  readonly home: string;
  /**
   * The URL of a database that `fill` has filled: now, or in an earlier run where a folder is kept. A database that was
   * not filled to its end is made anew.
   */
  filled(name: string, fill: (url: string) => Promise<void>, options?: FilledOptions): Promise<string>;
  /** Makes an empty database, and removes it after `work`. */
  withNew(name: string, work: (url: string) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

interface FilledOptions {
  /** The name of a database that it begins as a copy of, and that nobody is connected to. Default: an empty one. */
  readonly copyOf?: string;
}

/**
 * @param kept the folder to keep databases in; null: a temporary one, removed at the end
 * @param durable whether what is committed outlives a loss of power
 */
export async function startDatabases(kept: string | null, durable: boolean): Promise<Databases> {
  const home = kept ?? (await mkdtemp(join(tmpdir(), 'attune-bench-api-')));
  await mkdir(home, { recursive: true });
  // As root, the server runs under another user, who must be able to enter the folder.
  await chmod(home, 0o755);
  const server = await startEmbeddedServer({
    home,
    durable,
    log: () => undefined,
    onLost: (error) => {
      throw error;
    },
  });
  const administrative = server.databaseUrl('postgres');
  const [{ version }] = await withClient(
    administrative,
    async (client) => (await client.query("SELECT current_setting('server_version') AS version")).rows,
  );
  return {
    version,
    home,
    async filled(name, fill, { copyOf = 'template1' } = {}) {
      const url = server.databaseUrl(name);
      const exists = await withClient(administrative, async (client) => {
        const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
        if (found.rowCount === 1) return true;
        await client.query(`DROP DATABASE IF EXISTS ${name}_unfinished`);
        await client.query(`CREATE DATABASE ${name}_unfinished TEMPLATE ${copyOf}`);
        return false;
      });
      if (exists) return url;
      await fill(server.databaseUrl(`${name}_unfinished`));
      await withClient(administrative, (client) => client.query(`ALTER DATABASE ${name}_unfinished RENAME TO ${name}`));
      return url;
    },
    async withNew(name, work) {
      const drop = () => withClient(administrative, (client) => client.query(`DROP DATABASE IF EXISTS ${name}`));
      await drop();
      await withClient(administrative, (client) => client.query(`CREATE DATABASE ${name}`));
      try {
        await work(server.databaseUrl(name));
      } finally {
        await drop();
      }
    },
    async stop() {
      await server.stop();
      if (kept === null) await rm(home, { recursive: true, force: true });
    },
  };
}

export async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
