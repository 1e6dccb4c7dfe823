import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { cancellation } from '../database/operation-scope.js';
import { StorageError } from '../storage/storage-error.js';

const interruptMs = 50;

export interface DuckDbSettings {
  /** File of the database; `:memory:` for one that only reads other files. */
  readonly path: string;
  readonly threads: number;
  readonly memoryLimitMb: number;
  /** Where it spills what does not fit in memory. */
  readonly temporaryFolder: string;
}

/** Values are bound, never written into the statement; names are quoted by `identifier`. */
export type DuckDbParameters = Readonly<Record<string, DuckDBValue>>;

/** A column of a result whose type says more than its JavaScript value. */
export interface ResultColumn {
  readonly name: string;
  readonly isJson: boolean;
}

export interface DuckDb {
  /** Rows as objects: BIGINT is a bigint, TIMESTAMP a Date. */
  query<Row>(sql: string, parameters?: DuckDbParameters): Promise<Row[]>;
  /** Rows with the columns they came in. */
  read(sql: string, parameters?: DuckDbParameters): Promise<{ columns: ResultColumn[]; rows: unknown[][] }>;
  close(): void;
}

/**
 * A database with a bounded number of connections: statements beyond it wait for their turn. It never loads extensions from
 * the network; those for CSV, JSON and Parquet are built in. A statement of an operation that ends is interrupted.
 *
 * Errors: StorageError DISK_FULL; OperationEndedError; Error for what DuckDB refuses.
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

  async function run(sql: string, parameters?: DuckDbParameters) {
    if (closed) throw new Error('The DuckDB database is closed.');
    const signal = cancellation();
    const connection = await take();
    let interrupting: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      connection.interrupt();
      // Before a statement is prepared there is nothing to be interrupted.
      interrupting = setInterval(() => connection.interrupt(), interruptMs);
    };
    try {
      // It may have had to wait for its turn.
      signal?.throwIfAborted();
      signal?.addEventListener('abort', interrupt, { once: true });
      return await connection.runAndReadAll(sql, { ...parameters });
    } catch (error) {
      signal?.throwIfAborted();
      throw toTypedError(error);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      clearInterval(interrupting);
      release(connection);
    }
  }

  return {
    async query<Row>(sql: string, parameters?: DuckDbParameters) {
      return (await run(sql, parameters)).getRowObjectsJS() as Row[];
    },
    async read(sql, parameters) {
      const result = await run(sql, parameters);
      const types = result.columnTypes();
      const columns = result.columnNames().map((name, index) => ({ name, isJson: types[index]?.alias === 'JSON' }));
      return { columns, rows: result.getRowsJS() };
    },
    close() {
      if (closed) return;
      closed = true;
      for (const connection of idle.splice(0)) connection.closeSync();
      instance.closeSync();
    },
  };
}

/** DuckDB's errors have no codes, and the system's message in their text. */
function toTypedError(error: unknown): unknown {
  if (error instanceof Error && /No space left on device|disk quota exceeded/i.test(error.message)) {
    return new StorageError('DISK_FULL', 'read a dataset: no space is left on the disk', { cause: error });
  }
  return error;
}

/** A name as SQL has it, whatever characters it holds. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text constant, for the places of a statement that take no parameter. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
