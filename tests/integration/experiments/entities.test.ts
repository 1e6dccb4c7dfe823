import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entities } from '../../../src/app/entities.js';
import { createDataSource } from '../../../src/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await createDataSource({ url: database.url, entities }).initialize();
});
afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

/** TypeORM's names of the types that PostgreSQL calls otherwise. */
const typeNames: Readonly<Record<string, string>> = {
  'timestamp with time zone': 'timestamptz',
  integer: 'int',
  'double precision': 'float8',
  ARRAY: 'array',
};

test('every entity has the columns that the migrations made, of the same types', async () => {
  expect(dataSource.entityMetadatas.length).toBeGreaterThan(2);
  for (const { tableName, columns } of dataSource.entityMetadatas) {
    const made: TableColumn[] = await dataSource.query(
      `SELECT column_name AS name, data_type AS type, is_nullable = 'YES' AS nullable
       FROM information_schema.columns WHERE table_name = $1 ORDER BY column_name`,
      [tableName],
    );
    const mapped = columns
      .map(({ databaseName, type, isNullable, isArray }) => ({
        name: databaseName,
        type: isArray ? 'array' : String(type),
        nullable: isNullable,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(mapped, tableName).toEqual(
      made.map(({ type, ...column }) => ({ ...column, type: typeNames[type] ?? type })),
    );
  }
});
