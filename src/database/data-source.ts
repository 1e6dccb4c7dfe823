import type pg from 'pg';
import { DataSource } from 'typeorm';
import { columnTypes } from './column-types.js';

/** How many connections one API process may hold; the server's default limit for all clients is 100. */
const poolSize = 10;
/** No statement should take this long; a statement that does holds a connection that others wait for. */
const statementTimeoutMs = 30_000;
const idleInTransactionTimeoutMs = 30_000;
const connectTimeoutMs = 10_000;

/**
 * The data source of an API process, not yet connected. Every connection has an application name, for
 * `pg_stat_activity`.
 */
export function createDataSource(options: {
  readonly url: string;
  /** The entity classes; empty for plain statements. */
  readonly entities: readonly (new () => object)[];
  readonly poolSize?: number;
  /** 0: no limit, for migrations. */
  readonly statementTimeoutMs?: number;
  readonly log?: (message: string) => void;
  /** The class of its connections; default: pg's. */
  readonly Client?: typeof pg.Client | undefined;
}): DataSource {
  const log = options.log ?? (() => undefined);
  return new DataSource({
    type: 'postgres',
    url: options.url,
    applicationName: 'attune api',
    entities: [...options.entities],
    // Schema changes are migrations, run by migrate().
    synchronize: false,
    // The application makes the ids, so neither an extension nor the right to create one is needed.
    installExtensions: false,
    connectTimeoutMS: connectTimeoutMs,
    // A connection that breaks while idle (a restarted server) is replaced at the next use.
    poolErrorHandler: (error: Error) => log(`Idle database connection lost: ${error.message}`),
    extra: {
      max: options.poolSize ?? poolSize,
      keepAlive: true,
      types: columnTypes,
      ...(options.Client === undefined ? {} : { Client: options.Client }),
      statement_timeout: options.statementTimeoutMs ?? statementTimeoutMs,
      idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    },
  });
}

/** The pool of a data source that has been initialized. */
export function poolOf(dataSource: DataSource): pg.Pool {
  const { master } = dataSource.driver as unknown as { readonly master: pg.Pool | undefined };
  if (master === undefined) throw new Error('The data source has no pool of connections yet.');
  return master;
}
