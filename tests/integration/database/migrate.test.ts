import pg from 'pg';
import { expect, test } from 'vitest';
import { migrations } from '../../../migrations/index.js';
import { migrate } from '../../../src/database/migrate.js';
import { createTestDatabase } from '../../support/database.js';

const names = migrations.map(({ name }) => name);

test('an empty database gets every migration in order; a finished one gets nothing', async () => {
  await using database = await createTestDatabase({ empty: true });

  expect(await migrate(database.url)).toEqual(names);
  expect(await migrate(database.url)).toEqual([]);
});

test('of two processes that migrate at once, one does all and the other nothing', async () => {
  await using database = await createTestDatabase({ empty: true });

  const done = await Promise.all([migrate(database.url), migrate(database.url)]);

  expect(done.map(({ length }) => length).sort()).toEqual([0, names.length]);
});

test('a clone of the template database has the schema and nothing to migrate', async () => {
  await using database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM runs');
    expect(rows).toEqual([{ count: '0' }]);
  } finally {
    await client.end();
  }
  expect(await migrate(database.url)).toEqual([]);
});
