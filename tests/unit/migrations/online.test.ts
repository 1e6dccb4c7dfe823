import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

/**
 * Migrations change a database while it is used: of an installation with a million experiments, no statement may keep
 * others from a large table for longer than a moment.
 */

const folder = new URL('../../../migrations/', import.meta.url);
/** The last migration of those that made the first tables: before them there is nothing to be kept from. */
const lastFree = 1764000005000;

/** Tables with a row, or many, for each experiment. */
const largeTables = [
  'artifacts',
  'audit_log',
  'base_models',
  'checkpoints',
  'evaluation_scores',
  'evaluations',
  'experiments',
  'feedback_answers',
  'feedback_claims',
  'feedback_items',
  'jobs',
  'metric_points',
  'metric_spans',
  'project_events',
  'recorded_feedback',
  'run_attempts',
  'run_events',
  'run_metrics',
  'runs',
  'webhook_deliveries',
];

/** What is refused of statements about large tables, and what to write in its place. */
function refusals(tables: readonly string[]): readonly (readonly [RegExp, string])[] {
  const large = tables.join('|');
  const alter = `ALTER\\s+TABLE\\s+(${large})\\b[^;]*\\b`;
  const refused: readonly (readonly [string, string])[] = [
    [`CREATE\\s+(UNIQUE\\s+)?INDEX\\s+(?!CONCURRENTLY)[^;]*?\\bON\\s+(${large})\\b`, 'createIndexOnline'],
    ['DROP\\s+INDEX\\s+(?!CONCURRENTLY)', 'dropIndexOnline'],
    [`(^|;)\\s*(UPDATE|DELETE\\s+FROM)\\s+(${large})\\b`, 'updateInBatches'],
    [`${alter}SET\\s+NOT\\s+NULL`, 'setNotNullOnline'],
    [`${alter}STORED\\b`, 'addComputedColumnOnline'],
    [`${alter}TYPE\\b`, 'another column, and updateInBatches'],
    [`${alter}CHECK\\b(?![^;]*NOT\\s+VALID)`, 'setCheckOnline'],
    [`${alter}FOREIGN\\s+KEY(?![^;]*NOT\\s+VALID)`, 'NOT VALID, and VALIDATE CONSTRAINT'],
    [`${alter}(UNIQUE|PRIMARY\\s+KEY)(?!\\s+USING)\\b`, 'addUniqueOnline'],
  ];
  return refused.map(([pattern, mending]) => [new RegExp(pattern, 'i'), mending]);
}

/** What to write in place of statements that lock a large table for as long as it is large. Empty: nothing. */
function mendingOf(source: string): string[] {
  const statements = source
    .replace(/\bupdate: `[^`]*`/g, '')
    .replace(/--[^\n]*/g, '')
    .replace(/AS \$\$[\s\S]*?\$\$/g, '')
    .replaceAll('`', ';');
  // A table that the migration itself makes has no rows yet.
  const tables = largeTables.filter((table) => !new RegExp(`CREATE\\s+TABLE\\s+${table}\\b`, 'i').test(statements));
  return refusals(tables)
    .filter(([pattern]) => pattern.test(statements))
    .map(([, mending]) => mending);
}

const files = (await readdir(folder)).filter((name) => /^\d+-/.test(name)).sort();

test('each migration leaves large tables to their readers and writers', async () => {
  const bad: Record<string, string[]> = {};
  for (const name of files) {
    if (Number.parseInt(name, 10) <= lastFree) continue;
    const mending = mendingOf(await readFile(new URL(name, folder), 'utf8'));
    if (mending.length > 0) bad[name] = mending;
  }
  expect(bad).toEqual({});
});

describe('is refused', () => {
  test.each([
    ['`CREATE INDEX a ON runs (status)`', 'createIndexOnline'],
    ['`CREATE UNIQUE INDEX a\n  ON metric_points USING btree (seq)`', 'createIndexOnline'],
    ['`ALTER TABLE x ADD y int; DROP INDEX runs_by_status`', 'dropIndexOnline'],
    ['`UPDATE experiments SET tags = notes`', 'updateInBatches'],
    ['`ALTER TABLE runs ADD x int, ALTER COLUMN status SET NOT NULL`', 'setNotNullOnline'],
    ['`ALTER TABLE evaluations ADD COLUMN x int GENERATED ALWAYS AS (f(y)) STORED`', 'addComputedColumnOnline'],
    ['`ALTER TABLE runs ALTER COLUMN attempt TYPE bigint`', 'another column, and updateInBatches'],
    ['`ALTER TABLE runs ADD CONSTRAINT a CHECK (attempt > 0)`', 'setCheckOnline'],
    ['`ALTER TABLE runs ADD COLUMN x int CHECK (x > 0)`', 'setCheckOnline'],
    ['`ALTER TABLE runs ADD CONSTRAINT a FOREIGN KEY (attempt) REFERENCES x`', 'NOT VALID, and VALIDATE CONSTRAINT'],
    ['`ALTER TABLE runs ADD CONSTRAINT a UNIQUE (attempt)`', 'addUniqueOnline'],
    ['`ALTER TABLE jobs ADD COLUMN x uuid UNIQUE REFERENCES xs`', 'addUniqueOnline'],
  ])('%s', (source, mending) => {
    expect(mendingOf(source)).toEqual([mending]);
  });
});

test.each([
  '`CREATE TABLE made (id uuid PRIMARY KEY); CREATE INDEX made_by ON made (id)`',
  '`CREATE TABLE feedback_items (id uuid PRIMARY KEY); CREATE INDEX a ON feedback_items (id)`',
  '`CREATE INDEX CONCURRENTLY a ON runs (status)`',
  'update: `UPDATE runs SET attempt = 0 WHERE attempt = 1`',
  '`ALTER TABLE runs ADD CONSTRAINT a UNIQUE USING INDEX a`',
  '`ALTER TABLE runs ADD COLUMN x int NOT NULL DEFAULT 0 REFERENCES projects`',
  '`ALTER TABLE runs ADD CONSTRAINT a CHECK (attempt > 0) NOT VALID; ALTER TABLE runs VALIDATE CONSTRAINT a`',
  '`CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE runs SET attempt = 1; END $$`',
  '`CREATE TRIGGER a AFTER UPDATE ON runs FOR EACH ROW EXECUTE FUNCTION f()`',
])('%s is not', (source) => {
  expect(mendingOf(source)).toEqual([]);
});
