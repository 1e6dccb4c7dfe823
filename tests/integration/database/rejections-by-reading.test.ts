import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { expect, test } from 'vitest';
import { migrations } from '../../../migrations/index.js';
import { migrate } from '../../../src/database/migrate.js';
import { createTestDatabase } from '../../support/database.js';
import { digestOf } from '../../support/run-rows.js';

/** A version of the release before, as it was stored: own rejected rows, and then those of all parents. */
interface OldVersion {
  readonly name: string;
  readonly parents: readonly (string | null)[];
  readonly rejected: readonly string[];
  readonly recipe?: readonly object[];
}

const old: readonly OldVersion[] = [
  { name: 'first', parents: [], rejected: ['a', 'b'] },
  { name: 'second', parents: [], rejected: ['c'] },
  { name: 'derived', parents: ['first'], rejected: ['a', 'b'] },
  { name: 'masked', parents: ['first'], rejected: ['a', 'b'], recipe: [{ kind: 'maskPersonalData' }] },
  { name: 'joined', parents: ['first', 'derived', 'second'], rejected: ['own', 'a', 'b', 'a', 'b', 'c'] },
  { name: 'joined again', parents: ['joined', 'first'], rejected: ['own', 'a', 'b', 'a', 'b', 'c', 'a', 'b'] },
  { name: 'of a deleted one', parents: [null, 'second'], rejected: ['gone', 'c'] },
  { name: 'after it', parents: ['of a deleted one', 'first'], rejected: ['gone', 'c', 'a', 'b'] },
  { name: 'after masked', parents: ['masked'], rejected: ['a', 'b'] },
];

test('versions that counted a file twice count it once, and keep nothing that was masked', async () => {
  await using database = await createTestDatabase({ empty: true });
  const until = migrations.findIndex(({ name }) => name === 'RejectionsByReading1764000071000');
  const before = new DataSource({
    type: 'postgres',
    url: database.url,
    migrations: migrations.slice(0, until),
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
  });
  await before.initialize();
  await before.runMigrations();
  const [project, dataset] = [randomUUID(), randomUUID()];
  const digest = digestOf('rows');
  await before.query(`INSERT INTO projects (id, slug, name) VALUES ($1, 'default', 'Default')`, [project]);
  await before.query(`INSERT INTO artifacts (digest, size_bytes, media_type) VALUES ($1, 1, 'text/csv')`, [digest]);
  await before.query(`INSERT INTO datasets (id, project_id, name) VALUES ($1, $2, 'texts')`, [dataset, project]);
  const ids = new Map(old.map(({ name }) => [name, randomUUID()]));
  for (const [i, { name, parents, rejected, recipe = [] }] of old.entries()) {
    const id = ids.get(name);
    await before.query(
      `INSERT INTO dataset_versions (id, dataset_id, number, digest, source_digest, format, example_count, rejected_count,
         columns, splits, split_plan, recipe, created_at)
       VALUES ($1, $2, $3::int, $4, $4, 'CSV', 1, $5, '[]', '[]', '{}', $6, now() + $3::int * interval '1 second')`,
      [id, dataset, i + 1, digest, rejected.length, JSON.stringify(recipe)],
    );
    await before.query(
      `INSERT INTO rejected_rows (dataset_version_id, position, line, code, reason, excerpt)
         SELECT $1, ordinal - 1, ordinal, 'TOO_FEW_COLUMNS', 'short', excerpt
           FROM unnest($2::text[]) WITH ORDINALITY AS r (excerpt, ordinal)`,
      [id, rejected],
    );
    for (const [position, parent] of parents.entries())
      await before.query(
        `INSERT INTO dataset_version_sources (dataset_version_id, position, kind, parent_version_id, digest)
         VALUES ($1, $2, 'version', $3, $4)`,
        [id, position, parent === null ? null : ids.get(parent), digest],
      );
  }
  await before.destroy();

  await migrate(database.url);

  const after = new DataSource({ type: 'postgres', url: database.url, installExtensions: false });
  await after.initialize();
  try {
    const found = await after.query<{ id: string; count: number; counted: number; rows: string[] }[]>(
      `SELECT v.id, v.rejected_count::int AS count,
              (SELECT coalesce(sum(c.rejected_count), 0)::int FROM rejected_counts c WHERE c.dataset_version_id = v.id) AS counted,
              ARRAY(SELECT r.excerpt FROM rejected_rows r WHERE r.dataset_version_id = v.id ORDER BY r.position) AS rows
         FROM dataset_versions v`,
    );
    const named = new Map(found.map(({ id, ...told }) => [id, told]));
    const told = old.map(({ name }) => [name, named.get(ids.get(name)!)]);
    const rows = (...excerpts: string[]) => ({ count: excerpts.length, counted: excerpts.length, rows: excerpts });
    expect(told).toEqual([
      ['first', rows('a', 'b')],
      ['second', rows('c')],
      ['derived', rows('a', 'b')],
      ['masked', rows('', '')],
      ['joined', rows('own', 'a', 'b', 'c')],
      ['joined again', rows('a', 'b', 'c', 'own')],
      ['of a deleted one', rows('gone', 'c')],
      ['after it', rows('a', 'b', 'gone', 'c')],
      ['after masked', rows('', '')],
    ]);
  } finally {
    await after.destroy();
  }
});
