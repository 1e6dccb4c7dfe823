import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { describe, expect, test, vi } from 'vitest';
import { withClient } from '../../../bench/api/database.js';
import { addFormerRows, formerMigration } from '../../../bench/api/rows/former-project.js';
import { migrations } from '../../../migrations/index.js';
import { addUniqueOnline, createIndexOnline } from '../../../migrations/online.js';
import { migrate } from '../../../src/database/migrate.js';
import { readRows } from '../../support/all-rows.js';
import { readCatalog } from '../../support/catalog.js';
import { createTestDatabase } from '../../support/database.js';
import { digest, tinyBert } from '../../support/rows.js';

/** Migrations that commit in parts, of a database with rows of the first schema. */

const afterFirst = migrations.findIndex(({ name }) => name === formerMigration) + 1;

/** Carries a function out with a connection of TypeORM's, with the first `count` migrations run. */
async function withRunner<Result>(
  url: string,
  count: number,
  work: (queryRunner: QueryRunner) => Promise<Result>,
): Promise<Result> {
  const dataSource = await new DataSource({
    type: 'postgres',
    url,
    migrations: migrations.slice(0, count),
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    installExtensions: false,
  }).initialize();
  try {
    await dataSource.runMigrations();
    return await work(dataSource.createQueryRunner());
  } finally {
    await dataSource.destroy();
  }
}

async function fillFormer(url: string): Promise<void> {
  await withRunner(url, afterFirst, async () => undefined);
  await withClient(url, (client) => addFormerRows(client, { digest: digest('model'), manifest: tinyBert }, 40));
}

class Interrupted extends Error {}

/** A connection that is lost after so many statements. */
function lostAfter(queryRunner: QueryRunner, statements: number): QueryRunner {
  let left = statements;
  return new Proxy(queryRunner, {
    get(target, property) {
      if (property !== 'query') return Reflect.get(target, property);
      return async (sql: string, parameters?: unknown[]) => {
        if (left === 0) throw new Interrupted();
        left -= 1;
        return await target.query(sql, parameters);
      };
    },
  });
}

/** Runs a migration again and again, each time for one statement more, until it is through. Returns how often. */
async function runInterrupted(migration: MigrationInterface, queryRunner: QueryRunner): Promise<number> {
  for (let statements = 1; ; statements += 1) {
    try {
      await migration.up(lostAfter(queryRunner, statements));
      return statements;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }
}

const read = (url: string) =>
  withClient(url, async (client) => ({ catalog: await readCatalog(client), rows: await readRows(client) }));

test('interrupted after each of their statements and begun again, migrations leave what they do at one go', async () => {
  await using atOnce = await createTestDatabase({ empty: true });
  await using interrupted = await createTestDatabase({ empty: true });
  await fillFormer(atOnce.url);
  await fillFormer(interrupted.url);

  await migrate(atOnce.url);
  const tries = await withRunner(interrupted.url, afterFirst, async (queryRunner) => {
    const counts: Record<string, number> = {};
    for (const Migration of migrations.slice(afterFirst)) {
      const migration: MigrationInterface = new Migration();
      if (migration.transaction === false) counts[Migration.name] = await runInterrupted(migration, queryRunner);
      else await migration.up(queryRunner);
    }
    return counts;
  });

  expect(tries).toMatchObject({ ListIndexes1764000010000: expect.any(Number), Heads1764000019000: expect.any(Number) });
  expect(Math.min(...Object.values(tries))).toBeGreaterThan(1);
  const done = await read(atOnce.url);
  expect(await read(interrupted.url)).toEqual(done);
  expect(done.rows.experiments).toHaveLength(40);
  expect(done.rows.run_metrics).toHaveLength(80);
}, 120_000);

test('a database that was migrated with rows has the schema of one that was made without', async () => {
  await using filled = await createTestDatabase({ empty: true });
  await using made = await createTestDatabase();
  await fillFormer(filled.url);

  await migrate(filled.url);

  expect((await read(filled.url)).catalog).toEqual((await read(made.url)).catalog);
});

test('what the first schema held is there in the form of now', async () => {
  await using database = await createTestDatabase({ empty: true });
  await fillFormer(database.url);

  await migrate(database.url);

  await withClient(database.url, async (client) => {
    const rowsOf = async (sql: string) => (await client.query(sql)).rows;
    expect(await rowsOf(`SELECT method, labels, count(*)::int FROM experiments GROUP BY 1, 2 ORDER BY 1`)).toEqual([
      { method: 'multiTask', labels: ['ham', 'spam'], count: 4 },
      { method: 'supervised', labels: ['ham', 'spam'], count: 36 },
    ]);
    expect(
      await rowsOf(`SELECT DISTINCT spec #>> '{head,kind}' AS head, spec #>> '{tasks,1,head,labelColumn}' AS second,
                      spec ? 'labelColumn' AS former, spec -> 'pairColumn' AS pair FROM experiments ORDER BY 1`),
    ).toEqual([
      { head: 'classification', second: null, former: false, pair: null },
      { head: null, second: 'label', former: false, pair: null },
    ]);
    // 40 and 70 in a first attempt, 40 and 600 in a second: what the second attempt did counts.
    expect(
      await rowsOf(`SELECT attempt, step, value, count(*)::int FROM run_metrics WHERE key = 'train/loss' AND step > 1
                     GROUP BY 1, 2, 3`),
    ).toEqual([{ attempt: 2, step: 600, value: 600, count: 4 }]);
    expect(
      await rowsOf(`SELECT DISTINCT width, span, attempt, first_step, last_step, non_finite_step FROM metric_spans
                     WHERE last_step > 1 ORDER BY 1, 2, 3`),
    ).toEqual([
      { width: 64, span: 0, attempt: 1, first_step: 1, last_step: 40, non_finite_step: null },
      { width: 64, span: 0, attempt: 2, first_step: 40, last_step: 40, non_finite_step: null },
      { width: 64, span: 1, attempt: 1, first_step: 70, last_step: 70, non_finite_step: 70 },
      { width: 64, span: 9, attempt: 2, first_step: 600, last_step: 600, non_finite_step: null },
      { width: 512, span: 0, attempt: 1, first_step: 1, last_step: 70, non_finite_step: 70 },
      { width: 512, span: 0, attempt: 2, first_step: 40, last_step: 40, non_finite_step: null },
      { width: 512, span: 1, attempt: 2, first_step: 600, last_step: 600, non_finite_step: null },
    ]);
    expect(
      await rowsOf('SELECT measure, value, count(*)::int FROM evaluation_scores GROUP BY 1, 2 ORDER BY 1'),
    ).toEqual([
      { measure: 'accuracy', value: 0.9, count: 4 },
      { measure: 'loss', value: 0.3, count: 4 },
      { measure: 'micro.precision', value: 0.8, count: 4 },
    ]);
    expect(await rowsOf('SELECT DISTINCT labels, tasks FROM evaluations')).toEqual([
      { labels: ['ham', 'spam'], tasks: [{ task: 'label', targetColumns: ['label'] }] },
    ]);
    expect(
      await rowsOf(`SELECT manifest #> '{heads,0}' AS head, manifest ? 'files' AS files,
                      artifact_digests = artifacts_of_model(digest, manifest) AS same, count(*)::int
                      FROM base_models WHERE produced_by_run_id IS NOT NULL GROUP BY 1, 2, 3`),
    ).toEqual([
      { head: { kind: 'classification', task: 'label', labels: ['ham', 'spam'] }, files: true, same: true, count: 40 },
    ]);
  });
});

describe('columns that are computed', () => {
  test('follow what they are computed of, whatever is said of them', async () => {
    await using database = await createTestDatabase({ empty: true });
    await fillFormer(database.url);
    await migrate(database.url);

    await withClient(database.url, async (client) => {
      await client.query(`UPDATE experiments SET labels = '{wrong}' WHERE method = 'multiTask'`);
      await client.query(
        `UPDATE experiments SET spec = jsonb_set(spec, '{head,labels}', '["new"]') WHERE method = 'supervised'`,
      );
      const { rows } = await client.query('SELECT DISTINCT method, labels FROM experiments ORDER BY 1');
      expect(rows).toEqual([
        { method: 'multiTask', labels: ['ham', 'spam'] },
        { method: 'supervised', labels: ['new'] },
      ]);
    });
  });

  test('were generated by PostgreSQL in earlier versions: they stay as they are, and are computed from then on', async () => {
    await using database = await createTestDatabase({ empty: true });
    await fillFormer(database.url);
    const before = migrations.findIndex(({ name }) => name.startsWith('ComputedColumns'));
    await withRunner(database.url, before, async (queryRunner) => {
      await queryRunner.query(`
        DROP TRIGGER experiments_labels ON experiments;
        ALTER TABLE experiments DROP COLUMN labels CASCADE;
        ALTER TABLE experiments ADD COLUMN labels text[] NOT NULL GENERATED ALWAYS AS (labels_of_spec(spec)) STORED;
      `);
    });

    expect(await migrate(database.url)).toContain('ComputedColumns1764000280000');

    await withClient(database.url, async (client) => {
      const labels = async () => (await client.query('SELECT DISTINCT labels FROM experiments')).rows;
      expect(await labels()).toEqual([{ labels: ['ham', 'spam'] }]);
      await client.query(`UPDATE experiments SET spec = '{"head": {"labels": ["new"]}}'`);
      expect(await labels()).toEqual([{ labels: ['new'] }]);
    });
  });
});

test('an index whose build was interrupted is built anew', async () => {
  await using database = await createTestDatabase({ empty: true });
  await withRunner(database.url, 0, async (queryRunner) => {
    await queryRunner.query('CREATE TABLE marks (id int, mark int); INSERT INTO marks VALUES (1, 7), (2, 7)');
    await expect(addUniqueOnline(queryRunner, 'marks', 'mark')).rejects.toThrow(/could not create unique index/);
    const valid = async () =>
      await queryRunner.query(`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'marks_mark_key'::regclass`);
    expect(await valid()).toEqual([{ valid: false }]);

    await queryRunner.query('DELETE FROM marks WHERE id = 2');
    await addUniqueOnline(queryRunner, 'marks', 'mark');
    await addUniqueOnline(queryRunner, 'marks', 'mark');
    expect(await valid()).toEqual([{ valid: true }]);

    await createIndexOnline(queryRunner, 'marks_by_mark', 'ON marks (mark)');
    await createIndexOnline(queryRunner, 'marks_by_mark', 'ON marks (mark)');
    const { catalog } = await read(database.url);
    expect(catalog.indexes!.filter((index) => index.includes('marks'))).toEqual([
      'CREATE INDEX marks_by_mark ON public.marks USING btree (mark)',
      'CREATE UNIQUE INDEX marks_mark_key ON public.marks USING btree (mark)',
    ]);
  });
});

test('a migration that gets no lock gives way to others, and is done once it gets it', async () => {
  await using database = await createTestDatabase({ empty: true });
  await migrate(
    database.url,
    migrations.filter(({ name }) => !name.startsWith('ComputedColumns')),
  );
  await withClient(database.url, (holder) =>
    withClient(database.url, async (reader) => {
      // As VACUUM does: it keeps nobody out but those who change the table's definition.
      await holder.query('BEGIN; LOCK TABLE experiments IN SHARE UPDATE EXCLUSIVE MODE');
      const migrating = migrate(database.url);
      const isWaiting = async () => {
        const { rowCount } = await reader.query(
          `SELECT FROM pg_locks WHERE relation = 'experiments'::regclass AND NOT granted`,
        );
        return rowCount === 1;
      };
      await vi.waitUntil(isWaiting, { timeout: 30_000 });
      // Behind the migration, which waits for the holder: it would never end if the migration did not give way.
      expect((await reader.query('SELECT FROM experiments')).rowCount).toBe(0);
      await holder.query('COMMIT');
      expect(await migrating).toEqual(['ComputedColumns1764000280000']);
    }),
  );
}, 60_000);
