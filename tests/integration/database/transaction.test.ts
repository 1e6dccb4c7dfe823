import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { inTransaction, poolQuery, queryOf } from '../../../src/database/transaction.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
  await dataSource.query('CREATE TABLE notes (id int PRIMARY KEY, text text)');
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const count = async (): Promise<number> => (await poolQuery(dataSource)('SELECT 1 FROM notes')).length;
const raise = (code: string): string => `DO $$ BEGIN RAISE EXCEPTION 'test' USING ERRCODE = '${code}'; END $$`;

test('plain SQL of a transaction returns the rows of every kind of statement', async () => {
  await inTransaction(dataSource, async ({ query }) => {
    expect(await query('INSERT INTO notes VALUES (1, $1) RETURNING id', ['a'])).toEqual([{ id: 1 }]);
    expect(await query('UPDATE notes SET text = $1 RETURNING text', ['b'])).toEqual([{ text: 'b' }]);
    expect(await query('SELECT text FROM notes')).toEqual([{ text: 'b' }]);
    expect(await query('DELETE FROM notes RETURNING id')).toEqual([{ id: 1 }]);
    expect(await query('DELETE FROM notes')).toEqual([]);
  });
});

test('what fails leaves nothing', async () => {
  const failing = inTransaction(dataSource, async ({ query }) => {
    await query(`INSERT INTO notes VALUES (2, 'x')`);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await count()).toBe(0);
});

test('a serialization failure is tried again, twice; another error is not', async () => {
  const tries = async (code: string, failures: number): Promise<number> => {
    let attempts = 0;
    await inTransaction(dataSource, async ({ query }) => {
      attempts += 1;
      if (attempts <= failures) await query(raise(code));
    }).catch(() => undefined);
    return attempts;
  };

  expect(await tries('40001', 1)).toBe(2);
  expect(await tries('40P01', 5)).toBe(3);
  expect(await tries('23505', 5)).toBe(1);
});

test('TypeORM and plain SQL see one transaction', async () => {
  await inTransaction(dataSource, async ({ manager, query }) => {
    await query(`INSERT INTO notes VALUES (3, 'x')`);
    expect(await manager.query('SELECT id FROM notes')).toEqual([{ id: 3 }]);
    expect(await count()).toBe(0);
  });
  expect(await count()).toBe(1);
});

test('queryOf refuses a manager that has no transaction', () => {
  expect(() => queryOf(dataSource.manager)).toThrow('transaction');
});

test('a statement that runs too long is ended', async () => {
  const hurried = await createDataSource({ url: database.url, entities, statementTimeoutMs: 50 }).initialize();
  await expect(hurried.query('SELECT pg_sleep(60)')).rejects.toMatchObject({ code: '57014' });
  await hurried.destroy();
});
