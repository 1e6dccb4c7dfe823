import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { createRateLimit, type RateLimit } from '../../../src/server/rate-limits.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let first: DataSource;
let second: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  first = await createDataSource({ url: database.url, entities }).initialize();
  second = await createDataSource({ url: database.url, entities }).initialize();
});
afterAll(async () => {
  await first.destroy();
  await second.destroy();
  await database.drop();
});

const limitOf = (dataSource: DataSource, points = 10) =>
  createRateLimit({ dataSource, name: 'test', points, windowSeconds: 60 });
/** Statements on the pool's connections, whoever sends them. */
const spyOnStatements = (dataSource: DataSource) =>
  vi.spyOn((dataSource.driver as unknown as { master: { query(): Promise<unknown> } }).master, 'query');

test('points are spent from what all processes share', async () => {
  const [here, there] = [limitOf(first), limitOf(second)];
  expect(await here.spend('shared', 4)).toMatchObject({ allowed: true, limit: 10, remaining: 6 });
  expect(await there.spend('shared', 5)).toMatchObject({ allowed: true, remaining: 1 });
  expect(await here.spend('shared', 2)).toMatchObject({ allowed: false, remaining: 0 });
  expect(await there.spend('shared', 1)).toMatchObject({ allowed: false, remaining: 0 });
  expect(await there.spend('another', 1)).toMatchObject({ allowed: true, remaining: 9 });
});

test('of many at the same time exactly as many get through as there are points', async () => {
  const limits = [limitOf(first), limitOf(second)];
  const states = await Promise.all(Array.from({ length: 40 }, (_, i) => limits[i % 2]!.spend('flood', 1)));
  expect(states.filter(({ allowed }) => allowed)).toHaveLength(10);
});

test('the window is the one that the first request began, and then all is there again', async () => {
  const [here, there] = [limitOf(first), limitOf(second)];
  const { resetSeconds } = await here.spend('window', 10);
  expect(resetSeconds).toBeGreaterThan(58);
  expect(resetSeconds).toBeLessThanOrEqual(60);
  expect((await here.spend('window', 1)).allowed).toBe(false);
  const past = Date.now() - 1;
  await first.query(`UPDATE rate_limits SET expire = $1 WHERE key = 'test:window'`, [past]);
  expect(await there.spend('window', 3)).toMatchObject({ allowed: true, remaining: 7 });
});

test('who has nothing left is refused without a statement; one statement for all others', async () => {
  const limit = limitOf(first, 2);
  const statements = spyOnStatements(first);
  await limit.spend('quick', 2);
  expect(statements).toHaveBeenCalledTimes(1);
  expect(limit.blocked('quick')).toBeNull();
  await limit.spend('quick', 1);
  expect(statements).toHaveBeenCalledTimes(2);
  for (let i = 0; i < 100; i++) expect((await limit.spend('quick', 1)).allowed).toBe(false);
  expect(limit.blocked('quick')).toMatchObject({ allowed: false, limit: 2, remaining: 0 });
  expect(limit.blocked('another')).toBeNull();
  expect(statements).toHaveBeenCalledTimes(2);
  statements.mockRestore();
});

test('where much is left, points are counted in the process and written down together', async () => {
  const limit = limitOf(first, 10_000);
  const statements = spyOnStatements(first);
  expect(await limit.spend('busy', 1)).toMatchObject({ allowed: true, remaining: 9_999 });
  for (let spent = 2; spent <= 1_000; spent++) {
    expect(await limit.spend('busy', 1)).toMatchObject({ allowed: true, remaining: 10_000 - spent });
  }
  // One that asks, one for each hundred points that wait, and one for each quarter of a second that this took.
  expect(statements.mock.calls.length).toBeGreaterThanOrEqual(10);
  expect(statements.mock.calls.length).toBeLessThan(200);
  statements.mockRestore();
  await vi.waitFor(async () => expect((await limitOf(second, 10_000).spend('busy', 1)).remaining).toBeLessThan(9_000));
});

test('a single process never gets more than its points, and many get little more', async () => {
  const [here, there] = [limitOf(first, 1_000), limitOf(second, 1_000)];
  const spendAll = async (limits: readonly RateLimit[], name: string): Promise<number> => {
    let got = 0;
    for (let round = 0; round < 130; round++) {
      const states = await Promise.all(Array.from({ length: 10 }, (_, i) => limits[i % limits.length]!.spend(name, 1)));
      got += states.filter(({ allowed }) => allowed).length;
    }
    return got;
  };
  expect(await spendAll([here], 'single')).toBe(1_000);
  const ofBoth = await spendAll([here, there], 'both');
  expect(ofBoth).toBeGreaterThanOrEqual(1_000);
  expect(ofBoth).toBeLessThanOrEqual(1_010);
});

test('points of a name that makes room for another are written down, and a known name takes no room', async () => {
  const limit = createRateLimit({ dataSource: first, name: 'few', points: 10_000, windowSeconds: 60, maxNames: 2 });
  // The first point of each is written at once, and the rest waits: 10 of `old`, 5 of `new`.
  for (const name of ['old', 'new']) await limit.spend(name, 1);
  await limit.spend('old', 10);
  await limit.spend('new', 5);
  // More than may wait: `new` is settled, which drops nothing.
  expect(await limit.spend('new', 100)).toMatchObject({ remaining: 9_894 });
  expect(await limit.spend('old', 1)).toMatchObject({ remaining: 9_988 });
  await limit.spend('third', 1);
  const spent = async (): Promise<unknown> => {
    const rows = await first.query<{ key: string; points: number }[]>(
      `SELECT key, points FROM rate_limits WHERE key LIKE 'few:%'`,
    );
    return Object.fromEntries(rows.map(({ key, points }) => [key.slice(4), Number(points)]));
  };
  await expect.poll(spent).toEqual({ old: 12, new: 106, third: 1 });
  expect(await limit.spend('old', 1)).toMatchObject({ remaining: 9_987 });
});

test('without the database each process counts for itself', async () => {
  const [here, there] = [limitOf(first, 3), limitOf(second, 3)];
  const failing = [first, second].map((dataSource) =>
    spyOnStatements(dataSource).mockImplementation(() => Promise.reject(new Error('no connection'))),
  );
  expect(await here.spend('alone', 2)).toMatchObject({ allowed: true, remaining: 1 });
  expect(await here.spend('alone', 2)).toMatchObject({ allowed: false });
  expect(await there.spend('alone', 2)).toMatchObject({ allowed: true, remaining: 1 });
  for (const spy of failing) spy.mockRestore();
});

test('the table is not logged, and is made by a migration', async () => {
  const [table] = await first.query<{ persistence: string }[]>(
    `SELECT relpersistence AS persistence FROM pg_class WHERE relname = 'rate_limits'`,
  );
  expect(table).toEqual({ persistence: 'u' });
});
