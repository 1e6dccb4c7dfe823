import type { Pool, PoolClient } from 'pg';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type OnStatement, verbOf } from './followed-client.js';

/** From an index lookup on a warm page to the time limit of a statement. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Times of statements by their verb, failures by their SQLSTATE, and the use of a pool. */
export function sqlMetrics(registry: Registry): { readonly onStatement: OnStatement; readonly watch: WatchPool } {
  const duration = new Histogram({
    name: 'attune_sql_duration_seconds',
    help: 'Time from sending a statement to its result, by the verb that it begins with.',
    labelNames: ['verb'],
    buckets,
    registers: [registry],
  });
  const errors = new Counter({
    name: 'attune_sql_errors_total',
    help: 'Statements that failed, by the class of their SQLSTATE (two characters; “none” for a lost connection).',
    labelNames: ['class'],
    registers: [registry],
  });
  const waited = new Histogram({
    name: 'attune_sql_acquire_seconds',
    help: 'Time that a caller waited for a connection of the pool.',
    buckets,
    registers: [registry],
  });
  const pools: Pool[] = [];
  const sum = (count: (pool: Pool) => number): number => pools.reduce((total, pool) => total + count(pool), 0);
  new Gauge({
    name: 'attune_sql_connections',
    help: 'Connections of the pool, by whether somebody uses them.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set(
        { state: 'used' },
        sum(({ totalCount, idleCount }) => totalCount - idleCount),
      );
      this.set(
        { state: 'idle' },
        sum(({ idleCount }) => idleCount),
      );
    },
  });
  new Gauge({
    name: 'attune_sql_connections_max',
    help: 'Connections that the pool may have.',
    registers: [registry],
    collect() {
      this.set(sum(({ options }) => options.max));
    },
  });
  new Gauge({
    name: 'attune_sql_waiting',
    help: 'Callers that wait for a connection of the pool now.',
    registers: [registry],
    collect() {
      this.set(sum(({ waitingCount }) => waitingCount));
    },
  });
  return {
    onStatement(sql) {
      const startedAt = performance.now();
      const verb = verbOf(sql);
      return (error) => {
        duration.observe({ verb }, (performance.now() - startedAt) / 1000);
        if (error != null) errors.inc({ class: classOf(error) });
      };
    },
    watch(pool) {
      pools.push(pool);
      timeAcquiring(pool, (seconds) => waited.observe(seconds));
    },
  };
}

type WatchPool = (pool: Pool) => void;

function classOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code.slice(0, 2) : 'none';
}

type Callback = (error: Error | undefined, client: PoolClient | undefined, release: () => void) => void;

/** pg's pool hands a client out by a promise or, as TypeORM asks for it, by a callback. */
function timeAcquiring(pool: Pool, waited: (seconds: number) => void): void {
  const connect = pool.connect.bind(pool) as (callback?: Callback) => Promise<PoolClient> | undefined;
  pool.connect = ((callback?: Callback) => {
    const startedAt = performance.now();
    const note = (): void => waited((performance.now() - startedAt) / 1000);
    if (callback !== undefined) {
      return connect((error, client, release) => {
        note();
        callback(error, client, release);
      });
    }
    const connecting = connect()!;
    connecting.then(note, note);
    return connecting;
  }) as Pool['connect'];
}
