import pg from 'pg';
import type { Query } from '../../src/protocol/sql/query.js';

/** For heartbeats and claims of four lanes, and telemetry; seldom more than three run at a time. */
const poolSize = 6;
const connectTimeoutMs = 5_000;
/** A server that does not answer must not delay a heartbeat for longer than a lease. */
const queryTimeoutMs = 10_000;
const idleInTransactionTimeoutMs = 30_000;

/** @param Client the class of its connections; default: pg's */
export function createPool(databaseUrl: string, onError: (error: Error) => void, Client?: typeof pg.Client): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'attune worker',
    max: poolSize,
    ...(Client === undefined ? {} : { Client }),
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
  });
  // Errors of idle connections, which the pool replaces.
  pool.on('error', onError);
  return pool;
}

/** Runs `work` in one transaction. A connection that failed is closed, not reused. */
export async function inTransaction<Result>(pool: pg.Pool, work: (query: Query) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let failure: Error | undefined;
  // A connection that breaks between two statements emits an event; the next statement then rejects.
  const onError = (error: Error): void => {
    failure = error;
  };
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const result = await work(queryOf(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(onError);
    throw error;
  } finally {
    client.off('error', onError);
    client.release(failure);
  }
}

export function queryOf(client: pg.ClientBase | pg.Pool): Query {
  return async <Row>(sql: string, parameters: readonly unknown[] = [], name?: string) => {
    const values = [...parameters];
    const { rows } = await (name === undefined ? client.query(sql, values) : client.query({ name, text: sql, values }));
    return rows as Row[];
  };
}
