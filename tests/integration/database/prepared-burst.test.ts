import pg from 'pg';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openCancellableStatements } from '../../../src/database/cancellable-query.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { OperationScope } from '../../../src/database/operation-scope.js';
import { PreparedBurst } from '../../../src/database/prepared-burst.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let dataSource: DataSource;
let statements: ReturnType<typeof openCancellableStatements>;
beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities: [] }).initialize();
  statements = openCancellableStatements({ dataSource, databaseUrl: database.url, log: () => undefined });
});
afterAll(async () => {
  await statements.close();
  await dataSource.destroy();
  await database.drop();
});

/** Runs reads of one operation at the same moment. */
function atOnce<Result>(work: () => Result): Result {
  const scope = new OperationScope();
  scope.startReading(0);
  return scope.run(work);
}

/** A text has a name from its second use on, and is known to be quick from its third. */
async function knownAsQuick(text: string, parameters: readonly unknown[]): Promise<void> {
  for (let i = 0; i < 10; i += 1) await atOnce(() => statements.query(text, parameters));
}

/** How many statements each write to the server held. */
async function sizesOf(work: () => Promise<unknown>): Promise<number[]> {
  const sizes: number[] = [];
  const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: unknown, ...args: unknown[]) {
    sizes.push(args[0] instanceof PreparedBurst ? args[0].statements.length : 1);
    return send.apply(this, args);
  } as typeof pg.Client.prototype.query);
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return sizes;
}

const texts = {
  doubled: 'SELECT 2 * $1::int AS doubled',
  listed: 'SELECT n, NULL AS nothing FROM unnest($1::int[]) AS n ORDER BY n',
  moment: `SELECT $1::timestamptz AS at, '{a,"b c"}'::text[] AS words, '{"x": [1]}'::jsonb AS json`,
  divided: 'SELECT 12 / $1::int AS divided',
};
const at = new Date('2026-01-31T08:00:00.123Z');

test('statements of one moment go together, and each has its own rows', async () => {
  await knownAsQuick(texts.doubled, [1]);
  await knownAsQuick(texts.listed, [[1]]);
  await knownAsQuick(texts.moment, [at]);
  let rows: unknown;
  const sizes = await sizesOf(async () => {
    rows = await atOnce(() =>
      Promise.all([
        statements.query(texts.doubled, [21]),
        statements.query(texts.listed, [[3, 1, 2]]),
        statements.query(texts.listed, [[]]),
        statements.query(texts.moment, [at]),
      ]),
    );
  });
  expect(rows).toEqual([
    [{ doubled: 42 }],
    [1, 2, 3].map((n) => ({ n, nothing: null })),
    [],
    [{ at, words: ['a', 'b c'], json: { x: [1] } }],
  ]);
  expect(sizes).toEqual([4]);
});

test('when one fails, it alone has an error, and its connection is as good as before', async () => {
  await knownAsQuick(texts.doubled, [1]);
  await knownAsQuick(texts.divided, [3]);
  for (let i = 0; i < 20; i += 1) {
    const results = await atOnce(() =>
      Promise.allSettled([
        statements.query(texts.doubled, [1]),
        statements.query(texts.divided, [0]),
        statements.query(texts.doubled, [2]),
        statements.query(texts.divided, [4]),
      ]),
    );
    expect(results).toEqual([
      { status: 'fulfilled', value: [{ doubled: 2 }] },
      { status: 'rejected', reason: expect.objectContaining({ message: 'division by zero', code: '22012' }) },
      { status: 'fulfilled', value: [{ doubled: 4 }] },
      { status: 'fulfilled', value: [{ divided: 3 }] },
    ]);
  }
});

test('one that takes long has a connection of its own, and so has each of another operation', async () => {
  const slow = 'SELECT pg_sleep($1::float8) AS slept';
  for (let i = 0; i < 3; i += 1) await atOnce(() => statements.query(slow, [0.1]));
  await knownAsQuick(texts.doubled, [1]);
  const sizes = await sizesOf(() =>
    Promise.all([
      atOnce(() => Promise.all([statements.query(slow, [0.1]), statements.query(texts.doubled, [1])])),
      atOnce(() => statements.query(texts.doubled, [2])),
      statements.query(texts.doubled, [3]),
    ]),
  );
  expect(sizes).toEqual([1, 1, 1, 1]);
});

test('the end of an operation ends all that goes together', async () => {
  const waits = 'SELECT pg_sleep($1::float8) AS waited';
  // Known as quick, since it did not wait before.
  await knownAsQuick(waits, [0]);
  await knownAsQuick(texts.doubled, [1]);
  const scope = new OperationScope();
  scope.startReading(200);
  const ended = await scope.run(() =>
    Promise.allSettled([
      statements.query(texts.doubled, [1]),
      statements.query(waits, [60]),
      statements.query(texts.doubled, [2]),
    ]),
  );
  scope.close();
  for (const each of ended) {
    expect(each).toMatchObject({ status: 'rejected', reason: { code: 'OPERATION_TIMED_OUT' } });
  }
  expect(await atOnce(() => statements.query(texts.doubled, [4]))).toEqual([{ doubled: 8 }]);
}, 20_000);

test('what can not be a parameter is refused before anything is sent', async () => {
  const json = 'SELECT $1::jsonb AS json';
  await knownAsQuick(json, [{ a: 1 }]);
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  await expect(atOnce(() => statements.query(json, [circular]))).rejects.toThrow(/circular/);
  expect(await atOnce(() => statements.query(json, [{ a: 2 }]))).toEqual([{ json: { a: 2 } }]);
});
