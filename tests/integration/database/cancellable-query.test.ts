import { once } from 'node:events';
import { tmpdir } from 'node:os';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { type CancellableStatements, openCancellableStatements } from '../../../src/database/cancellable-query.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { cancellation, OperationScope } from '../../../src/database/operation-scope.js';
import { openDuckDb } from '../../../src/storage/duckdb.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
/** One connection: whatever is left on it hits the next statement. */
let dataSource: DataSource;
let observer: DataSource;
let statements: CancellableStatements;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities, poolSize: 1 }).initialize();
  observer = await createDataSource({ url: database.url, entities }).initialize();
  statements = openCancellableStatements({
    dataSource,
    databaseUrl: database.url,
    log: (message) => {
      throw new Error(message);
    },
  });
});
afterAll(async () => {
  await statements.close();
  await dataSource.destroy();
  await observer.destroy();
  await database.drop();
});

const running = async (): Promise<string[]> => {
  const rows = await observer.query<{ query: string }[]>(
    `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()`,
  );
  return rows.map(({ query }) => query);
};

/** Resolves when the server has begun a statement that holds `text`. */
async function begun(text: string): Promise<void> {
  while (!(await running()).some((query) => query.includes(text)));
}

async function nothingRuns(): Promise<void> {
  // The server ends a statement a moment after it was asked to.
  await expect.poll(running, { timeout: 10_000 }).toEqual([]);
  expect(await statements.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
}

describe('a statement of an operation that only reads', () => {
  test('is cancelled in the server when its time is over, and its connection is as good as before', async () => {
    for (let i = 0; i < 5; i++) {
      const scope = new OperationScope();
      scope.startReading(30);
      const slow = scope.run(() => statements.query('SELECT pg_sleep(60)'));
      await expect(slow).rejects.toMatchObject({
        code: 'OPERATION_TIMED_OUT',
        message: 'The operation took longer than 30 ms, and was ended. Ask for less, in several operations.',
      });
      await nothingRuns();
    }
  });

  test('is cancelled when nobody waits for it any more, though it waits for a lock itself', async () => {
    const locking = observer.createQueryRunner();
    await locking.startTransaction();
    await locking.query('LOCK TABLE projects IN ACCESS EXCLUSIVE MODE');
    const scope = new OperationScope();
    scope.startReading(0);
    const waiting = scope.run(() => statements.query('SELECT slug FROM projects'));
    const outcome = waiting.catch((error: unknown) => error);
    await begun('SELECT slug FROM projects');
    scope.abandon();
    expect(await outcome).toMatchObject({ code: 'OPERATION_ABANDONED' });
    await locking.rollbackTransaction();
    await locking.release();
    await nothingRuns();
  });

  test('is not sent at all after its operation has ended, whether it waits for a connection or not', async () => {
    const scope = new OperationScope();
    scope.startReading(0);
    const first = scope.run(() => statements.query('SELECT pg_sleep(60)')).catch((error: unknown) => error);
    const second = scope.run(() => statements.query('SELECT pg_sleep(60)')).catch((error: unknown) => error);
    await begun('pg_sleep');
    scope.abandon();
    const third = scope.run(() => statements.query('SELECT pg_sleep(60)')).catch((error: unknown) => error);
    for (const outcome of [first, second, third]) expect(await outcome).toMatchObject({ code: 'OPERATION_ABANDONED' });
    await nothingRuns();
  });

  test('that fails by itself fails as ever', async () => {
    const scope = new OperationScope();
    scope.startReading(60_000);
    await expect(scope.run(() => statements.query('SELECT 1 / 0'))).rejects.toMatchObject({ code: '22012' });
    scope.close();
  });

  test('does not keep its process alive, nor many listeners a warning', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning);
    process.on('warning', onWarning);
    const scope = new OperationScope();
    scope.startReading(60_000);
    await Promise.all(Array.from({ length: 30 }, () => scope.run(() => statements.query('SELECT 1'))));
    process.off('warning', onWarning);
    scope.close();
    expect(warnings).toEqual([]);
  });
});

describe('a statement of an operation that changes something', () => {
  test('goes on when nobody waits for it', async () => {
    const scope = new OperationScope();
    scope.startChanging();
    const done = scope.run(() => statements.query(`SELECT pg_sleep(0.05), 'done' AS state`));
    scope.abandon();
    expect(await done).toMatchObject([{ state: 'done' }]);
  });

  test('goes on though another operation of the same request only reads', async () => {
    const scope = new OperationScope();
    scope.startReading(1);
    scope.startChanging();
    expect(scope.run(cancellation)).toBeNull();
    const after = new OperationScope();
    after.startChanging();
    after.startReading(1);
    expect(after.run(cancellation)).toBeNull();
  });
});

test('a connection has few prepared statements, whatever comes, and what comes often is among them', async () => {
  const often = `SELECT 'often' AS text`;
  for (let i = 0; i < 700; i++) {
    for (const _ of [1, 2]) await statements.query(`SELECT ${i} AS text`);
    await statements.query(often);
  }
  const texts = await statements.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements');
  expect(texts.length).toBeLessThanOrEqual(300);
  expect(texts.map(({ statement }) => statement)).toEqual(expect.arrayContaining(['SELECT 699 AS text', often]));
});

test('outside of an operation nothing is cancelled', () => {
  expect(cancellation()).toBeNull();
});

test('DuckDB is interrupted too, and those that wait for their turn are not begun', async () => {
  const duckDb = await openDuckDb(
    { path: ':memory:', threads: 1, memoryLimitMb: 100, temporaryFolder: tmpdir(), cancellation },
    1,
  );
  const scope = new OperationScope();
  scope.startReading(30);
  const endless = 'SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range % 7 = b.range % 11';
  const ended = once(scope.signal!, 'abort');
  const outcomes = [scope.run(() => duckDb.query(endless)), scope.run(() => duckDb.query(endless))].map((each) =>
    each.catch((error: unknown) => error),
  );
  await ended;
  for (const outcome of outcomes) expect(await outcome).toMatchObject({ code: 'OPERATION_TIMED_OUT' });
  expect(await duckDb.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  duckDb.close();
});
