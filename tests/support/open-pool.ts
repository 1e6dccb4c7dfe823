import pg from 'pg';

/**
 * Connections to a test's database. What ends one from outside, as dropping the database does with those that are about
 * to close, is no failure of the test that runs meanwhile: the pool replaces it.
 */
export function openPool(databaseUrl: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: databaseUrl, max });
  pool.on('error', () => undefined);
  return pool;
}
