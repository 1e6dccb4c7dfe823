import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Query } from '../protocol/sql/query.js';
import { cancellation } from './operation-scope.js';
import { poolQuery } from './transaction.js';

const connectTimeoutMs = 5_000;
/** Cancelling is rare: the connection for it is not kept. */
const idleMs = 5_000;
const maxConnections = 2;
const repeatMs = 100;

export interface CancellableStatements {
  /** Plain SQL on any connection of the pool. A statement of an operation that ends is cancelled in the server. */
  readonly query: Query;
  close(): Promise<void>;
}

/**
 * Statements that end with the operation they were sent for (OperationScope). Asking the server to cancel needs a connection, and the pool may
 * have none left just then, all of them waiting for slow statements: so it has connections of its own.
 */
export function openCancellableStatements(options: {
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  readonly log: (message: string) => void;
}): CancellableStatements {
  const { dataSource, databaseUrl, log } = options;
  const plain = poolQuery(dataSource);
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'attune cancel',
    max: maxConnections,
    idleTimeoutMillis: idleMs,
    connectionTimeoutMillis: connectTimeoutMs,
    allowExitOnIdle: true,
  });
  pool.on('error', (error) => log(`Idle connection for cancelling lost: ${error.message}`));

  async function cancel(processId: number): Promise<void> {
    try {
      await pool.query('SELECT pg_cancel_backend($1)', [processId]);
    } catch (error) {
      // It then runs until the server's own limit for statements.
      log(`A statement could not be cancelled: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
      const signal = cancellation();
      return signal === null
        ? plain<Row>(sql, parameters)
        : cancellableQuery<Row>(dataSource, { sql, parameters, signal, cancel });
    },
    close: () => pool.end(),
  };
}

async function cancellableQuery<Row>(
  dataSource: DataSource,
  statement: {
    readonly sql: string;
    readonly parameters: readonly unknown[];
    readonly signal: AbortSignal;
    readonly cancel: (processId: number) => Promise<void>;
  },
): Promise<Row[]> {
  const { sql, parameters, signal, cancel } = statement;
  signal.throwIfAborted();
  const runner = dataSource.createQueryRunner();
  let cancelling: Promise<void> | null = null;
  let onAbort: (() => void) | null = null;
  const settled = new AbortController();
  try {
    const { processID } = (await runner.connect()) as { readonly processID: number };
    signal.throwIfAborted();
    onAbort = () => {
      cancelling = repeatUntil(settled.signal, () => cancel(processID));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return await dataSource.query<Row[]>(sql, [...parameters], runner);
  } catch (error) {
    // The server says that the statement was cancelled; why, only we know.
    signal.throwIfAborted();
    throw error;
  } finally {
    settled.abort();
    if (onAbort !== null) signal.removeEventListener('abort', onAbort);
    // The connection goes back when nothing can hit the next statement on it any more.
    await cancelling;
    await runner.release();
  }
}

/** A statement that was sent and has not begun is not there to be cancelled: so the server is asked again. */
async function repeatUntil(settled: AbortSignal, cancel: () => Promise<void>): Promise<void> {
  while (!settled.aborted) {
    await cancel();
    await setTimeout(repeatMs, null, { signal: settled }).catch(() => undefined);
  }
}
