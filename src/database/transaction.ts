import type { DataSource, EntityManager } from 'typeorm';
import type { Query } from '../protocol/sql/query.js';

/** Serialization failure and deadlock: the transaction was rolled back whole, and doing it again may succeed. */
const repeatable: ReadonlySet<unknown> = new Set(['40001', '40P01']);
const maxAttempts = 3;

/** A transaction's two handles: TypeORM's, and plain SQL for the statements that API and worker share. */
export interface Transaction {
  readonly manager: EntityManager;
  readonly query: Query;
}

/** Does `work` in one transaction: all of it or nothing. `work` may run again, so it must have no effects outside. */
export async function inTransaction<Result>(
  dataSource: DataSource,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await dataSource.transaction((manager) => work({ manager, query: queryOf(manager) }));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : null;
      if (attempt === maxAttempts || !repeatable.has(code)) throw error;
    }
  }
}

/** Plain SQL on the connection of a TypeORM transaction. */
export function queryOf(manager: EntityManager): Query {
  const runner = manager.queryRunner;
  if (runner === undefined) throw new Error('queryOf() needs the manager of a transaction.');
  return async <Row>(sql: string, parameters: readonly unknown[] = []) => {
    // The plain form returns rows for SELECT, but [rows, count] for UPDATE and DELETE.
    const { records } = await runner.query(sql, [...parameters], true);
    return records as Row[];
  };
}

/** Plain SQL on any connection of the pool: for statements that need no transaction and return rows (SELECT). */
export function poolQuery(dataSource: DataSource): Query {
  return async <Row>(sql: string, parameters: readonly unknown[] = []) => dataSource.query<Row[]>(sql, [...parameters]);
}
