import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { messageOf } from '../protocol/message-of.js';
import type { Query } from '../protocol/sql/query.js';
import { poolOf } from './data-source.js';
import { currentScope, type OperationScope } from './operation-scope.js';
import { type NamedStatement, PreparedBurst, type PreparedForms } from './prepared-burst.js';
import { createPreparedNames, maxPrepared } from './prepared-names.js';

const connectTimeoutMs = 5_000;
/** Cancelling is rare, so its connections are closed soon. */
const idleMs = 5_000;
const maxConnections = 2;
const repeatMs = 100;
/** Statements of one moment that go to one connection together, where each takes less than `quickMs`. */
const mostTogether = 8;
const quickMs = 20;
const maxSpeeds = 2_000;
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
 * They go to the driver, past TypeORM, and texts that come again are prepared (ADR 0061). What an operation reads at
 * one moment goes to one connection in one piece, unless it takes long (ADR 0071).
 */
export function openCancellableStatements(options: {
  readonly dataSource: DataSource;
  readonly databaseUrl: string;
  readonly log: (message: string) => void;
}): CancellableStatements {
  const { databaseUrl, log } = options;
  const pool = poolOf(options.dataSource);
  const preparedBy = new WeakMap<Client, PreparedForms>();
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

  /**
   * Runs `work` on a connection of the pool, and cancels it when its operation ends.
   * @param spoils whether the connection must not be used again after an error
   */
  async function onConnection<Result>(
    scope: OperationScope | null,
    work: (client: Client, forms: PreparedForms) => Promise<Result>,
    spoils: (error: unknown) => boolean,
  ): Promise<Result> {
    const client = (await pool.connect()) as Client;
    const forms = preparedBy.get(client) ?? new Map();
    if (!preparedBy.has(client)) {
      preparedBy.set(client, forms);
      // A connection that breaks fails its statement. Without a listener, the event would end the process as well.
      client.on('error', () => undefined);
    }
    const running = scope === null ? null : new RunningStatement(() => cancel(client.processID));
    let isSpoilt = false;
    try {
      if (scope !== null && running !== null) {
        scope.throwIfEnded();
        scope.running.add(running);
      }
      return await work(client, forms);
    } catch (error) {
      isSpoilt = spoils(error);
      throw error;
    } finally {
      if (running !== null) {
        scope?.running.delete(running);
        // The connection is released only when no cancel request can hit its next statement.
        await running.settle();
      }
      // One that has prepared whatever came would fill the server's memory.
      client.release(isSpoilt || forms.size >= maxPrepared);
    }
  }

  /** Runs statements one after the other in one round trip. @returns the rows of each */
  async function runPrepared(
    statements: readonly NamedStatement[],
    scope: OperationScope | null,
  ): Promise<readonly unknown[][]> {
    let prepares = false;
    const rows = await onConnection(
      scope,
      async (client, forms) => {
        const burst = await new Promise<PreparedBurst>((resolve, reject) => {
          const sent = new PreparedBurst(statements, forms, (error) => {
            if (error === null) resolve(sent);
            else {
              ({ prepares } = sent);
              reject(error);
            }
          });
          client.query(sent);
        });
        statements.forEach(({ name }, i) => {
          speeds.note(name, burst.took[i]!);
        });
        return burst.rows;
      },
      // A connection that keeps a statement with an old plan would fail with it for ever.
      (error) => prepares || isOld(error),
    );
    return rows;
  }

  /** The statements of operations that wait for the end of this tick, to be sent together. */
  const gathered = new WeakMap<OperationScope, Waiting[]>();

  function runTogether(statement: NamedStatement, scope: OperationScope): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const waiting = { statement, resolve, reject };
      const others = gathered.get(scope);
      if (others !== undefined && others.length < mostTogether) {
        others.push(waiting);
        return;
      }
      const all: Waiting[] = [waiting];
      gathered.set(scope, all);
      process.nextTick(() => {
        if (gathered.get(scope) === all) gathered.delete(scope);
        sendTogether(all, scope);
      });
    });
  }

  function sendTogether(all: readonly Waiting[], scope: OperationScope): void {
    const alone = ({ statement, resolve, reject }: Waiting): void => {
      runPrepared([statement], scope).then(([rows]) => resolve(rows!), reject);
    };
    if (all.length === 1) {
      alone(all[0]!);
      return;
    }
    runPrepared(
      all.map(({ statement }) => statement),
      scope,
    ).then(
      (rows) => {
        all.forEach(({ resolve }, i) => {
          resolve(rows[i]!);
        });
      },
      // Those behind one that fails are not carried out, so each is asked for itself: they only read.
      () => all.forEach(alone),
    );
  }

  const speeds = new Speeds();

  return {
    async query<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
      const current = currentScope();
      const scope = current?.isReading === true ? current : null;
      scope?.throwIfEnded();
      const name = nameOf(text);
      const plain = async (): Promise<Row[]> => {
        const send = async (client: Client) => (await client.query({ text, values: [...parameters] })).rows as Row[];
        return onConnection(scope, send, () => false);
      };
      try {
        if (name === null) return await plain();
        const statement = { name, text, values: parameters };
        if (scope !== null && speeds.isQuick(name)) return (await runTogether(statement, scope)) as Row[];
        return (await runPrepared([statement], scope))[0] as Row[];
      } catch (error) {
        // The server reports only that the statement was cancelled; the scope knows why.
        scope?.throwIfEnded();
        if (name === null || !isOld(error)) throw error;
        return plain();
      }
    },
    close: () => cancelling.end(),
  };
}

/** A statement that waits for others of its operation. */
interface Waiting {
  readonly statement: NamedStatement;
  resolve(rows: unknown[]): void;
  reject(error: unknown): void;
}

/** How long prepared statements take, of late. */
class Speeds {
  private readonly ms = new Map<string, number>();

  note(name: string, took: number): void {
    const before = this.ms.get(name);
    if (before === undefined && this.ms.size >= maxSpeeds) this.ms.clear();
    this.ms.set(name, before === undefined ? took : before + (took - before) / 5);
  }

  /** Whether others need not mind waiting for it. What was never carried out is not known to be quick. */
  isQuick(name: string): boolean {
    return (this.ms.get(name) ?? Number.POSITIVE_INFINITY) < quickMs;
  }
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
