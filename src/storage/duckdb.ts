import {
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import { StorageError } from './storage-error.js';

export { identifier, literal } from '../protocol/duckdb-names.js';

const interruptMs = 50;

export interface DuckDbSettings {
  /** File of the database; `:memory:` for a database that only reads other files. */
  readonly path: string;
  readonly threads: number;
  readonly memoryLimitMb: number;
  /** The folder for data that do not fit in memory. */
  readonly temporaryFolder: string;
  /** The signal that ends the work which a statement is for, asked for each statement. Default: there is none. */
  readonly cancellation?: () => AbortSignal | null;
}

/** Values are bound, never written into a statement; `identifier` quotes names. */
export type DuckDbParameters = Readonly<Record<string, DuckDBValue>>;

export interface ResultColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

export interface DuckDb {
  /** Rows as objects, with BIGINT as bigint and TIMESTAMP as Date, which must be able to hold it. */
  query<Row>(sql: string, parameters?: DuckDbParameters): Promise<Row[]>;
  /** Rows as arrays of DuckDB's values, with their columns. */
  read(sql: string, parameters?: DuckDbParameters): Promise<{ columns: ResultColumn[]; rows: DuckDBValue[][] }>;
  /** Rows as arrays of DuckDB's values, a chunk of at most 2,048 at a time: for results that do not fit in memory. */
  stream(sql: string, parameters?: DuckDbParameters): AsyncGenerator<DuckDBValue[][]>;
  /**
   * Defines a function of SQL that makes a text of a text, in JavaScript; of a missing one it makes none. What `change`
   * throws is thrown by the statement.
   */
  defineTextFunction(name: string, change: (text: string) => string | null): Promise<void>;
  close(): void;
}

/**
 * A database with a limited number of connections: further statements wait for their turn. It never loads extensions
 * from the network; those for CSV, JSON and Parquet are built in. Statements of an operation that ends are interrupted.
 *
 * @throws StorageError DISK_FULL; OperationEndedError; Error when DuckDB refuses a statement
 */
export async function openDuckDb(settings: DuckDbSettings, maxConnections: number): Promise<DuckDb> {
  const instance = await DuckDBInstance.create(settings.path, {
    threads: String(settings.threads),
    memory_limit: `${settings.memoryLimitMb}MB`,
    temp_directory: settings.temporaryFolder,
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const idle: DuckDBConnection[] = [];
  const waiting: ((connection: DuckDBConnection) => void)[] = [];
  let open = 0;
  let closed = false;

  async function take(): Promise<DuckDBConnection> {
    const connection = idle.pop();
    if (connection !== undefined) return connection;
    if (open < maxConnections) {
      open++;
      return instance.connect();
    }
    return new Promise((resolve) => waiting.push(resolve));
  }

  function release(connection: DuckDBConnection): void {
    const next = waiting.shift();
    if (next !== undefined) next(connection);
    else if (closed) connection.closeSync();
    else idle.push(connection);
  }

  /** DuckDB keeps of an error in a function of JavaScript only its message. */
  let thrown: { readonly error: unknown } | null = null;

  /** A connection until the scope ends. It is interrupted when the work ends that the statement is for. */
  async function hold() {
    if (closed) throw new Error('The DuckDB database is closed.');
    const signal = settings.cancellation?.() ?? null;
    const connection = await take();
    let interrupting: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      connection.interrupt();
      // An interrupt has no effect before the statement is prepared, so it is repeated.
      interrupting = setInterval(() => connection.interrupt(), interruptMs);
    };
    // The work may have ended while the statement waited for its turn.
    if (signal?.aborted) release(connection);
    signal?.throwIfAborted();
    signal?.addEventListener('abort', interrupt, { once: true });
    return {
      connection,
      /** What a failed statement means. */
      failure(error: unknown) {
        const own = thrown;
        thrown = null;
        if (signal?.aborted) return signal.reason as unknown;
        return own === null ? toTypedError(error) : own.error;
      },
      [Symbol.dispose]() {
        signal?.removeEventListener('abort', interrupt);
        clearInterval(interrupting);
        release(connection);
      },
    };
  }

  async function run(sql: string, parameters?: DuckDbParameters) {
    using held = await hold();
    try {
      return await held.connection.runAndReadAll(sql, { ...parameters });
    } catch (error) {
      throw held.failure(error);
    }
  }

  return {
    async query<Row>(sql: string, parameters?: DuckDbParameters) {
      return (await run(sql, parameters)).getRowObjectsJS() as Row[];
    },
    async read(sql, parameters) {
      const result = await run(sql, parameters);
      const types = result.columnTypes();
      const columns = result.columnNames().map((name, index) => ({ name, type: types[index]! }));
      return { columns, rows: result.getRows() };
    },
    async *stream(sql, parameters) {
      using held = await hold();
      try {
        yield* (await held.connection.stream(sql, { ...parameters })).yieldRows();
      } catch (error) {
        throw held.failure(error);
      }
    },
    async defineTextFunction(name, change) {
      const connection = await take();
      try {
        connection.registerScalarFunction(
          DuckDBScalarFunction.create({
            name,
            parameterTypes: [VARCHAR],
            returnType: VARCHAR,
            // Constant folding would call it at another time than the rows.
            volatile: true,
            mainFunction(_, rows, results) {
              try {
                const texts = rows.getColumnVector(0);
                for (let i = 0; i < rows.rowCount; i++) {
                  const text = texts.getItem(i) as string | null;
                  results.setItem(i, text === null ? null : change(text));
                }
                results.flush();
              } catch (error) {
                thrown ??= { error };
                throw error;
              }
            },
          }),
        );
      } finally {
        release(connection);
      }
    },
    close() {
      if (closed) return;
      closed = true;
      for (const connection of idle.splice(0)) connection.closeSync();
      instance.closeSync();
    },
  };
}

/** DuckDB's errors have no codes; their text contains the system's message. */
function toTypedError(error: unknown): unknown {
  if (error instanceof Error && /No space left on device|disk quota exceeded/i.test(error.message)) {
    return new StorageError('DISK_FULL', 'read a dataset: no space is left on the disk', { cause: error });
  }
  return error;
}

/** Whether values of a type are texts of JSON. */
export function isJson({ alias }: DuckDBType): boolean {
  return alias === 'JSON';
}
