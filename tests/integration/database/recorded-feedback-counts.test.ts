import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { expect, test } from 'vitest';
import { migrations } from '../../../migrations/index.js';
import { migrate } from '../../../src/database/migrate.js';
import { createTestDatabase } from '../../support/database.js';

test('records that go while their count is introduced are not counted, and later ones are', async () => {
  await using database = await createTestDatabase({ empty: true });
  const former = new DataSource({
    type: 'postgres',
    url: database.url,
    migrations: migrations.slice(
      0,
      migrations.findIndex(({ name }) => name === 'FeedbackQuotas1764000130001'),
    ),
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
  });
  await former.initialize();
  try {
    await former.runMigrations();
    const project = randomUUID();
    await former.query(`INSERT INTO projects (id, slug, name) VALUES ($1, 'default', 'Default')`, [project]);
    const record = () =>
      former.query(
        `INSERT INTO recorded_feedback (id, project_id, target, content, question, value)
         SELECT gen_random_uuid(), $1, '{}', '{}', '{}', '{}' FROM generate_series(1, 3)`,
        [project],
      );
    await record();
    const deleting = former.createQueryRunner();
    await deleting.startTransaction();
    await deleting.query('DELETE FROM recorded_feedback WHERE id = (SELECT id FROM recorded_feedback LIMIT 1)');
    const migrated = migrate(database.url);
    // The migration waits for the table.
    await expect
      .poll(() => former.query(`SELECT FROM pg_locks WHERE relation = 'recorded_feedback'::regclass AND NOT granted`), {
        interval: 10,
      })
      .toHaveLength(1);
    await deleting.commitTransaction();
    await deleting.release();
    await migrated;
    const count = () =>
      former.query('SELECT sum(count)::int AS count FROM recorded_feedback_counts WHERE project_id = $1', [project]);
    expect(await count()).toEqual([{ count: 2 }]);
    await record();
    expect(await count()).toEqual([{ count: 5 }]);
  } finally {
    await former.destroy();
  }
});
