import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource, EntityManager } from 'typeorm';
import { ProblemsError, problem } from '../problems/problem.js';
import type { Query } from '../protocol/sql/query.js';

/** Serialization failure and deadlock: the whole transaction was rolled back, and another try may succeed. */
const repeatable: ReadonlySet<unknown> = new Set(['40001', '40P01']);
const maxAttempts = 3;

/** A row refers to another one that was deleted at that moment, or deletes one that another began to refer to. */
const foreignKeyViolation = '23503';
const goneMeanwhile = new ProblemsError([
  problem(
    [],
    'CONFLICT',
    'What the request is about was deleted, or came into use, at this moment.',
    'Read it again, then repeat the request.',
  ),
]);

/** A transaction's two handles: TypeORM's, and plain SQL for the statements that API and worker share. */
export interface Transaction {
  readonly manager: EntityManager;
  readonly query: Query;
}

/** Writes that join a transaction after its work and before its COMMIT. `result` is the work's result. */
type Closing = (query: Query, result: unknown) => Promise<void>;

const closings = new AsyncLocalStorage<{ closing: Closing | null }>();

/**
 * Runs `operation`, and `closing` as the last statements of its first transaction, so that both are committed or
 * neither. Returns the operation's result, and whether it had a transaction.
 */
export async function closingFirstTransaction<Result>(
  closing: Closing,
  operation: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly closed: boolean }> {
  const state: { closing: Closing | null } = { closing };
  const result = await closings.run(state, operation);
  return { result, closed: state.closing === null };
}

/** Runs work before the operation's own transaction: its transactions get no `closing`. */
export function beforeOwnTransaction<Result>(work: () => Promise<Result>): Promise<Result> {
  return closings.run({ closing: null }, work);
}

/**
 * Runs `work` in one transaction, all of it or nothing. `work` may run again, so it must have no effects outside the
 * transaction.
 * @throws ProblemsError CONFLICT when a row that it refers to is deleted at this moment
 */
export async function inTransaction<Result>(
  dataSource: DataSource,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const state = closings.getStore();
      const result = await dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        const done = await work({ manager, query });
        await state?.closing?.(query, done);
        return done;
      });
      if (state !== undefined) state.closing = null;
      return result;
    } catch (error) {
      if (refersToNothing(error)) throw goneMeanwhile;
      const code = codeOf(error);
      if (attempt === maxAttempts || !repeatable.has(code)) throw error;
    }
  }
}

/** Whether a statement failed as what it refers to is not there, or not any more. */
export function refersToNothing(error: unknown): boolean {
  return codeOf(error) === foreignKeyViolation;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null;
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

/** Plain SQL on any connection of the pool, for statements that need no transaction and return rows (SELECT). */
export function poolQuery(dataSource: DataSource): Query {
  return async <Row>(sql: string, parameters: readonly unknown[] = []) => dataSource.query<Row[]>(sql, [...parameters]);
}
