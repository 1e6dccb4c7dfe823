import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { messageOf } from '../protocol/message-of.js';
import { DatabaseError } from './errors.js';
import { requireSuitableText } from './suitable-text.js';

/**
 * A statement of a migration waits this long for a lock. Whoever asks for a row of the table after it waits behind it,
 * so that it gives way, and is tried again.
 */
const lockTimeoutMs = 500;
const retryMs = 500;
/** Longer than deadlock_timeout, after which autovacuum gives way. */
const vacuumTimeoutMs = 5_000;
/** For so long a migration is tried again that got no lock. */
const patienceMs = 600_000;
/** Nobody gives way to a lock in time, or two wait for each other: PostgreSQL rolled the migration's statement back. */
const lockNotAvailable = '55P03';
const deadlockDetected = '40P01';
/** How often a process looks whether another one has finished migrating. */
const pollIntervalMs = 200;

type MigrationClass = (typeof migrations)[number];

/** Locked during migrations: of several API processes that start at once, one migrates and the others wait. */
const migrationLock = { space: 0x4154_544e, key: 2 } as const;

/**
 * Brings a database to this version's schema. Returns the names of the migrations that ran, none when the database was
 * current.
 *
 * @param known all migrations, or the first ones alone, to come to an earlier schema
 * @throws DatabaseError UNREACHABLE; UNSUITABLE: nothing has been written
 */
export async function migrate(url: string, known: readonly MigrationClass[] = migrations): Promise<readonly string[]> {
  const lock = new pg.Client({ connectionString: url, application_name: 'attune migrations' });
  await lock.connect().catch((error: unknown) => {
    throw unreachable(error);
  });
  try {
    await requireSuitableText(lock);
    await lockMigrations(lock);
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      applicationName: 'attune migrations',
      migrations: [...known],
      migrationsTableName: 'migrations',
      migrationsTransactionMode: 'each',
      installExtensions: false,
      extra: { max: 2, lock_timeout: lockTimeoutMs },
    });
    await dataSource.initialize();
    try {
      return await runPatiently(dataSource);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    // Closing the session releases the lock.
    await lock.end();
  }
}

/**
 * Waits in turns, and not within one statement: an index that another process builds meanwhile with CONCURRENTLY waits
 * for every statement that began before it.
 */
async function lockMigrations(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS locked', [
      migrationLock.space,
      migrationLock.key,
    ]);
    if (rows[0]!.locked) return;
    await delay(pollIntervalMs);
  }
}

/** Runs what is pending; a migration that got a lock too late is rolled back and tried again. */
async function runPatiently(dataSource: DataSource): Promise<readonly string[]> {
  const pending = await pendingNames(dataSource);
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      await dataSource.runMigrations();
      return pending;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if ((code !== lockNotAvailable && code !== deadlockDetected) || Date.now() > until) throw error;
      await delay(retryMs);
      await interruptVacuum(dataSource);
    }
  }
}

/**
 * Has autovacuum leave the tables that it works on, where a migration that gives way would never get its turn. It does
 * so for whoever waits for a second; this lock keeps out nothing but another of its kind, so that nobody waits for it.
 */
async function interruptVacuum(dataSource: DataSource): Promise<void> {
  const held = await dataSource.query<{ table: string }[]>(
    `SELECT DISTINCT l.relation::regclass::text AS table FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
      WHERE l.mode = 'ShareUpdateExclusiveLock' AND l.granted AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  for (const { table } of held) {
    await dataSource
      .query(`SET LOCAL lock_timeout = ${vacuumTimeoutMs}; LOCK TABLE ${table} IN SHARE UPDATE EXCLUSIVE MODE`)
      .catch((error: unknown) => {
        // Somebody's own VACUUM does not give way: the migration waits for its end.
        if (!(error instanceof Error && 'code' in error && error.code === lockNotAvailable)) throw error;
      });
  }
}

async function pendingNames(dataSource: DataSource): Promise<readonly string[]> {
  const [table] = await dataSource.query<{ name: string | null }[]>("SELECT to_regclass('migrations')::text AS name");
  const done = table!.name === null ? [] : await dataSource.query<{ name: string }[]>('SELECT name FROM migrations');
  const known = new Set(done.map(({ name }) => name));
  return dataSource.migrations.map((migration) => migration.name!).filter((name) => !known.has(name));
}

/** The driver's message names host and user, never the password. */
function unreachable(error: unknown): DatabaseError {
  // For a name with several addresses, the driver's error holds one error for each address, and no message.
  const [cause] = error instanceof AggregateError ? error.errors : [error];
  const what = messageOf(cause);
  return new DatabaseError(
    'UNREACHABLE',
    `There is no connection to the database: ${what}.`,
    'Check that the server runs, and that DATABASE_URL is right.',
  );
}
