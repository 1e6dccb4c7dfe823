import pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { messageOf } from '../protocol/message-of.js';
import { DatabaseError } from './errors.js';
import { requireSuitableText } from './suitable-text.js';

/** Locked during migrations: of several API processes that start at once, one migrates and the others wait. */
const migrationLock = { space: 0x4154_544e, key: 2 } as const;

/**
 * Brings a database to this version's schema. Returns the names of the migrations that ran, none when the database was
 * current.
 *
 * @throws DatabaseError UNREACHABLE; UNSUITABLE: nothing has been written
 */
export async function migrate(url: string): Promise<readonly string[]> {
  const lock = new pg.Client({ connectionString: url, application_name: 'attune migrations' });
  await lock.connect().catch((error: unknown) => {
    throw unreachable(error);
  });
  try {
    await requireSuitableText(lock);
    await lock.query('SELECT pg_advisory_lock($1, $2)', [migrationLock.space, migrationLock.key]);
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      applicationName: 'attune migrations',
      migrations,
      migrationsTableName: 'migrations',
      migrationsTransactionMode: 'each',
      installExtensions: false,
      extra: { max: 2 },
    });
    await dataSource.initialize();
    try {
      const done = await dataSource.runMigrations();
      return done.map(({ name }) => name);
    } finally {
      await dataSource.destroy();
    }
  } finally {
    // Closing the session releases the lock.
    await lock.end();
  }
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
