import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { administer, templateDatabase } from './test-server.js';

/** A database of its own with the current schema and no rows, on the test run's real PostgreSQL server. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** Ends all connections and drops the database. */
  drop(): Promise<void>;
}

/**
 * `await using database = await createTestDatabase()`, or drop() in `afterAll`. The database is a copy of the template,
 * cheap enough for each test; with `empty: true` it has no tables. `text` are further words of CREATE DATABASE, for an
 * empty one.
 */
export async function createTestDatabase(
  options: { readonly empty?: boolean; readonly text?: string } = {},
): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const template = options.empty === true ? 'template0' : templateDatabase;
  // FILE_COPY needs two checkpoints, WAL_LOG none.
  await administer(server, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY WAL_LOG ${options.text ?? ''}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const drop = (): Promise<void> => administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  return { url: url.toString(), drop, [Symbol.asyncDispose]: drop };
}

let lookup: Promise<string> | null = null;

/**
 * The server's administrative URL, looked up once in each test process; the first look-up of a test run starts the
 * server.
 */
function serverUrl(): Promise<string> {
  lookup ??= (async () => {
    const response = await fetch(inject('databaseServerLookup'));
    if (!response.ok) throw new Error(`The test database server did not start: ${await response.text()}`);
    const { databaseUrl } = (await response.json()) as { readonly databaseUrl: string };
    return databaseUrl;
  })();
  return lookup;
}
