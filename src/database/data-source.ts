import { DataSource } from 'typeorm';

/** Connections one API process may hold; 100 is the server's default for all. */
const poolSize = 10;
/** No statement of ours should take this long; one that does holds a connection others wait for. */
const statementTimeoutMs = 30_000;
const idleInTransactionTimeoutMs = 30_000;
const connectTimeoutMs = 10_000;

/** The data source of an API process, not yet connected. Every connection names itself, for `pg_stat_activity`. */
export function createDataSource(options: {
  readonly url: string;
  /** The classes that rows are read into; none for statements alone. */
  readonly entities: readonly (new () => object)[];
  readonly poolSize?: number;
  /** 0: none, for migrations. */
  readonly statementTimeoutMs?: number;
  readonly log?: (message: string) => void;
}): DataSource {
  const log = options.log ?? (() => undefined);
  return new DataSource({
    type: 'postgres',
    url: options.url,
    applicationName: 'attune api',
    entities: [...options.entities],
    // Schema changes are migrations, run by migrate().
    synchronize: false,
    // Identifiers are made by the application: no extension is needed, nor the right to create one.
    installExtensions: false,
    connectTimeoutMS: connectTimeoutMs,
    // A connection that breaks while idle (a restarted server) is replaced at the next use.
    poolErrorHandler: (error: Error) => log(`Idle database connection lost: ${error.message}`),
    extra: {
      max: options.poolSize ?? poolSize,
      keepAlive: true,
      statement_timeout: options.statementTimeoutMs ?? statementTimeoutMs,
      idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    },
  });
}
