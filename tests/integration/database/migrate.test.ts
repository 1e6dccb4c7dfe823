import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { expect, test } from 'vitest';
import { migrations } from '../../../migrations/index.js';
import { migrate } from '../../../src/database/migrate.js';
import { createTestDatabase } from '../../support/database.js';
import { digestOf, manifest, spec } from '../../support/run-rows.js';

function without(object: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

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

test('models and experiments of the release before encoders and adapters say that they have neither', async () => {
  await using database = await createTestDatabase({ empty: true });
  const before = new DataSource({
    type: 'postgres',
    url: database.url,
    migrations: migrations.slice(0, names.indexOf('EncodersAndAdapters1764000007000')),
    migrationsTableName: 'migrations',
    installExtensions: false,
  });
  await before.initialize();
  await before.runMigrations();
  const [project, model, dataset, version, experiment] = Array.from({ length: 5 }, () => randomUUID());
  const oldManifest = without(manifest, ['pooling', 'truncationSide', 'adapter', 'files']);
  const oldHyperparameters = without(spec.hyperparameters, ['pooling', 'truncationSide', 'adapter']);
  const oldSpec = { ...without(spec, ['pairColumn']), hyperparameters: oldHyperparameters };
  await before.query(`INSERT INTO projects (id, slug, name) VALUES ($1, 'default', 'Default')`, [project]);
  await before.query(`INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, 1, 'application/json')`, [
    digestOf('old'),
  ]);
  await before.query(
    `INSERT INTO base_models (id, project_id, name, digest, manifest, source) VALUES ($1, $2, 'old', $4, $3, 'test')`,
    [model, project, JSON.stringify(oldManifest), digestOf('old')],
  );
  await before.query(`INSERT INTO datasets (id, project_id, name) VALUES ($1, $2, 'texts')`, [dataset, project]);
  await before.query(
    `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count, columns, splits, split_plan)
     VALUES ($1, $2, 1, $3, $3, 'CSV', 1, 0, '[]', '[]', '{}')`,
    [version, dataset, digestOf('old')],
  );
  await before.query(
    `INSERT INTO experiments (id, project_id, name, method, spec, base_model_id, dataset_version_id)
     VALUES ($1, $2, 'old', 'supervised', $3, $4, $5)`,
    [experiment, project, JSON.stringify(oldSpec), model, version],
  );
  await before.destroy();

  await migrate(database.url);

  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT m.manifest, e.spec FROM base_models m CROSS JOIN experiments e');
    expect(rows).toEqual([{ manifest, spec }]);
  } finally {
    await client.end();
  }
});
