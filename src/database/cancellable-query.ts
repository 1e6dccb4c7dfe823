import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { messageOf } from '../protocol/message-of.js';
import type { Query } from '../protocol/sql/query.js';
import { cancellation } from './operation-scope.js';
import { poolQuery } from './transaction.js';

const connectTimeoutMs = 5_000;
/** Cancelling is rare, so its connections are closed soon. */
const idleMs = 5_000;
const maxConnections = 2;
const repeatMs = 100;

export interface CancellableStatements {
  /** Plain SQL on any connection of the pool. A statement of an operation that ends is cancelled in the server. */
  readonly query: Query;
  close(): Promise<void>;
}

/**
 * Statements that end with the operation that sent them (OperationScope). Cancelling a statement needs a connection,
 * and the pool may have none left at that moment because slow statements hold them all. So cancelling has connections
 * of its own.
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
      // The statement then runs until the server's own time limit for statements.
      log(`A statement could not be cancelled: ${messageOf(error)}`);
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
    // The server reports only that the statement was cancelled; the signal holds the reason.
    signal.throwIfAborted();
    throw error;
  } finally {
    settled.abort();
    if (onAbort !== null) signal.removeEventListener('abort', onAbort);
    // The connection is released only when no cancel request can hit its next statement.
    await cancelling;
    await runner.release();
  }
}

/** A statement that was sent but has not begun can't be cancelled yet, so the request is repeated. */
async function repeatUntil(settled: AbortSignal, cancel: () => Promise<void>): Promise<void> {
  while (!settled.aborted) {
    await cancel();
    await setTimeout(repeatMs, null, { signal: settled }).catch(() => undefined);
  }
}
