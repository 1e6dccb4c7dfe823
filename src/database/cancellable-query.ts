import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { messageOf } from '../protocol/message-of.js';
import type { Query } from '../protocol/sql/query.js';
import { poolOf } from './data-source.js';
import { currentScope, type OperationScope } from './operation-scope.js';
import { createPreparedNames, maxPrepared } from './prepared-names.js';

const connectTimeoutMs = 5_000;
/** Cancelling is rare, so its connections are closed soon. */
const idleMs = 5_000;
const maxConnections = 2;
const repeatMs = 100;
/** SQLSTATE feature_not_supported, with which the server refuses a prepared statement whose tables have changed. */
const planIsOld = '0A000';

export interface CancellableStatements {
  /** Plain SQL on any connection of the pool. A statement of an operation that ends is cancelled in the server. */
  readonly query: Query;
  close(): Promise<void>;
}

/**
 * Statements that end with the operation that sent them (OperationScope). Cancelling a statement needs a connection,
 * and the pool may have none left at that moment because slow statements hold them all. So cancelling has connections
 * of its own.
 *
 * They go to the driver, past TypeORM, and texts that come again are prepared (ADR 0061).
 */
export function openCancellableStatements(options: {
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  readonly log: (message: string) => void;
}): CancellableStatements {
  const { databaseUrl, log } = options;
  const pool = poolOf(options.dataSource);
  /** The names of the statements that connections have prepared. */
  const preparedBy = new WeakMap<Client, Set<string>>();
  const nameOf = createPreparedNames();
  const cancelling = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'attune cancel',
    max: maxConnections,
    idleTimeoutMillis: idleMs,
    connectionTimeoutMillis: connectTimeoutMs,
    allowExitOnIdle: true,
  });
  cancelling.on('error', (error) => log(`Idle connection for cancelling lost: ${error.message}`));

  async function cancel(processId: number): Promise<void> {
    try {
      await cancelling.query('SELECT pg_cancel_backend($1)', [processId]);
    } catch (error) {
      // The statement then runs until the server's own time limit for statements.
      log(`A statement could not be cancelled: ${messageOf(error)}`);
    }
  }

  async function run<Row>(statement: pg.QueryConfig, scope: OperationScope | null): Promise<Row[]> {
    const client = (await pool.connect()) as Client;
    const prepared = preparedBy.get(client) ?? new Set();
    if (!preparedBy.has(client)) {
      preparedBy.set(client, prepared);
      // A connection that breaks fails its statement. Without a listener, the event would end the process as well.
      client.on('error', () => undefined);
    }
    const running = scope === null ? null : new RunningStatement(() => cancel(client.processID));
    if (statement.name !== undefined) prepared.add(statement.name);
    let failure: unknown = null;
    try {
      if (scope !== null && running !== null) {
        scope.throwIfEnded();
        scope.running.add(running);
      }
      const { rows } = await client.query(statement);
      return rows as Row[];
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      if (running !== null) {
        scope?.running.delete(running);
        // The connection is released only when no cancel request can hit its next statement.
        await running.settle();
      }
      // A connection that keeps a statement with an old plan would fail with it for ever, and one that has prepared
      // whatever came would fill the server's memory.
      client.release(isOld(failure) || prepared.size >= maxPrepared);
    }
  }

  return {
    async query<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
      const current = currentScope();
      const scope = current?.isReading === true ? current : null;
      scope?.throwIfEnded();
      const statement = { text, values: [...parameters] };
      const name = nameOf(text);
      try {
        return await run<Row>(name === null ? statement : { ...statement, name }, scope);
      } catch (error) {
        // The server reports only that the statement was cancelled; the scope knows why.
        scope?.throwIfEnded();
        if (name === null || !isOld(error)) throw error;
        return run<Row>(statement, scope);
      }
    },
    close: () => cancelling.end(),
  };
}

/** What the types of the driver leave out: the server's process that serves the connection. */
type Client = pg.PoolClient & { readonly processID: number };

function isOld(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === planIsOld;
}

/** A statement that was sent, and can be asked to end. */
class RunningStatement {
  private settled: AbortController | null = null;
  private cancelling: Promise<void> | null = null;

  /** @param request asks the server once to cancel the statement */
  constructor(private readonly request: () => Promise<void>) {}

  /** Asks until the statement has settled: one that was sent but has not begun can't be cancelled yet. */
  cancel(): void {
    this.settled ??= new AbortController();
    this.cancelling ??= this.repeat(this.settled.signal);
  }

  /** The statement has its result or its error. Resolves when nothing asks for its end any more. */
  async settle(): Promise<void> {
    if (this.cancelling === null) return;
    this.settled?.abort();
    await this.cancelling;
  }

  private async repeat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.request();
      await setTimeout(repeatMs, null, { signal }).catch(() => undefined);
    }
  }
}
