import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { expect, test } from 'vitest';
import { migrations } from '../../../migrations/index.js';
import { migrate } from '../../../src/database/migrate.js';
import { createTestDatabase } from '../../support/database.js';
import { scoresOf } from '../../support/listed-rows.js';
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

test.each([
  ['nobody listens', (url: URL) => Object.assign(url, { port: '1' }), /ECONNREFUSED/],
  ['there is no such database', (url: URL) => Object.assign(url, { pathname: '/nowhere' }), /"nowhere" does not exist/],
  ['the password is wrong', (url: URL) => Object.assign(url, { password: 'secret' }), /password authentication failed/],
])('%s: told without the password', async (_, spoil, what) => {
  await using database = await createTestDatabase({ empty: true });

  const refused: unknown = await migrate(spoil(new URL(database.url)).href).catch((error: unknown) => error);

  expect(refused).toMatchObject({ name: 'DatabaseError', code: 'UNREACHABLE', message: expect.stringMatching(what) });
  expect(String(refused)).not.toContain('secret');
});

test.each([
  ["ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'", /has the encoding LATIN1, .* must be UTF8/],
  ["ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'", /has the encoding SQL_ASCII, .* must be UTF8/],
  ["ENCODING 'EUC_JP' LOCALE_PROVIDER libc LOCALE 'C'", /has the encoding EUC_JP, .* must be UTF8/],
  ["ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'", /knows no letters beyond ASCII/],
  ["ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C' LOCALE 'C'", /knows no letters beyond ASCII/],
])('a database with %s is refused before anything is written, and the hint makes a right one', async (text, what) => {
  await using database = await createTestDatabase({ empty: true, text });

  const refused: unknown = await migrate(database.url).catch((error: unknown) => error);

  expect(refused).toMatchObject({ name: 'DatabaseError', code: 'UNSUITABLE', message: expect.stringMatching(what) });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const written = await client.query(
      `SELECT 1 FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(written.rowCount).toBe(0);
  } finally {
    await client.end();
  }
  const hint = (refused as { hint: string }).hint;
  await using right = await createTestDatabase({
    empty: true,
    text: / (ENCODING .*) TEMPLATE template0/.exec(hint)![1]!,
  });
  expect(await migrate(right.url)).toEqual(names);
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

test('models and experiments of the release before encoders and adapters say that they have neither, and are found by what they recorded', async () => {
  await using database = await createTestDatabase({ empty: true });
  const before = new DataSource({
    type: 'postgres',
    url: database.url,
    migrations: migrations.slice(0, names.indexOf('EncodersAndAdapters1764000007000')),
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
  });
  await before.initialize();
  await before.runMigrations();
  const [project, model, dataset, version, experiment, run, evaluation] = Array.from({ length: 7 }, () => randomUUID());
  const oldManifest = without(manifest, ['pooling', 'truncationSide', 'adapter', 'files']);
  const oldHyperparameters = without(spec.hyperparameters, ['pooling', 'truncationSide', 'adapter']);
  const head = { labelColumn: 'label', labels: ['ham', 'spam'], classWeights: { kind: 'none' } };
  const oldSpec = { ...without(spec, ['pairColumn', 'head']), ...head, hyperparameters: oldHyperparameters };
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
  await before.query(`INSERT INTO runs (id, experiment_id, status) VALUES ($1, $2, 'SUCCEEDED')`, [run, experiment]);
  await before.query(
    `INSERT INTO metric_points (run_id, key, attempt, step, seq, epoch, value)
     SELECT $1::uuid, point.* FROM (VALUES ('loss', 1, 9, 1, 0.9, 9.0), ('loss', 2, 4, 2, 0.4, 4.0), ('loss', 2, 5, 3, 0.5, 5.0), ('f1', 1, 9, 1, 0.9, 'NaN')) AS point`,
    [run],
  );
  const scores = [scoresOf('label', 0.75, 0.5, ['ham', 'spam'])];
  await before.query(
    `INSERT INTO evaluations (id, project_id, base_model_id, dataset_version_id, split, text_column, tasks, status, scores)
     VALUES ($1, $2, $3, $4, 'test', 'text', '[]', 'SUCCEEDED', $5)`,
    [evaluation, project, model, version, JSON.stringify(scores)],
  );
  await before.destroy();

  await migrate(database.url);

  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT m.manifest, e.spec FROM base_models m CROSS JOIN experiments e');
    expect(rows).toEqual([{ manifest, spec }]);
    const newest = await client.query('SELECT key, attempt, step, value FROM run_metrics ORDER BY key');
    expect(newest.rows).toEqual([
      { key: 'f1', attempt: 1, step: 9, value: Number.NaN },
      { key: 'loss', attempt: 2, step: 5, value: 5 },
    ]);
    const measured = await client.query(
      `SELECT task, value FROM evaluation_scores WHERE measure IN ('loss', 'macro.f1') ORDER BY measure`,
    );
    expect(measured.rows).toEqual([
      { task: 'label', value: 0.5 },
      { task: 'label', value: 0.75 },
    ]);
    const labels = await client.query(
      'SELECT e.labels AS trained, v.labels AS scored FROM experiments e CROSS JOIN evaluations v',
    );
    expect(labels.rows).toEqual([{ trained: ['ham', 'spam'], scored: ['ham', 'spam'] }]);
  } finally {
    await client.end();
  }
});
