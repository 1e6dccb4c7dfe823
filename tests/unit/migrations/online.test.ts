import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

/**
 * Migrations that come after those of the first public releases change a database while it is used: of an installation
 * with a million experiments, no statement may keep others from a large table for longer than a moment.
 */

const folder = new URL('../../../migrations/', import.meta.url);
/** The last migration that was written before this rule. */
const lastFree = 1764000140000;

/** Tables with a row, or many, for each experiment. */
const large = [
  'artifacts',
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
].join('|');

/** What is refused of statements, and what to write in its place. */
const refused: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(`CREATE\\s+(UNIQUE\\s+)?INDEX\\s+(?!CONCURRENTLY)[^;]*?\\bON\\s+(${large})\\b`, 'i'),
    'createIndexOnline',
  ],
  [/DROP\s+INDEX\s+(?!CONCURRENTLY)/i, 'dropIndexOnline'],
  [new RegExp(`(^|;)\\s*(UPDATE|DELETE\\s+FROM)\\s+(${large})\\b(?![^;]*IS NULL;)`, 'i'), 'updateInBatches'],
  [new RegExp(`ALTER\\s+TABLE\\s+(${large})\\b[^;]*\\bSET\\s+NOT\\s+NULL`, 'i'), 'setNotNullOnline'],
  [
    new RegExp(`ALTER\\s+TABLE\\s+(${large})\\b[^;]*\\bSTORED\\b`, 'i'),
    'a column that a trigger fills, and updateInBatches',
  ],
  [new RegExp(`ALTER\\s+TABLE\\s+(${large})\\b[^;]*\\bTYPE\\b`, 'i'), 'another column, and updateInBatches'],
  [
    new RegExp(
      `ALTER\\s+TABLE\\s+(${large})\\b[^;]*\\bADD\\s+(CONSTRAINT\\b[^;]*\\b)?(CHECK|FOREIGN\\s+KEY)(?![^;]*NOT\\s+VALID)`,
      'i',
    ),
    'NOT VALID, and VALIDATE CONSTRAINT',
  ],
  [
    new RegExp(
      `ALTER\\s+TABLE\\s+(${large})\\b[^;]*\\bADD\\s+(CONSTRAINT\\s+\\w+\\s+)?(UNIQUE|PRIMARY\\s+KEY)\\s*\\(`,
      'i',
    ),
    'createIndexOnline, and ADD … USING INDEX',
  ],
];

/** What to write in place of statements that lock a large table for as long as it is large. Empty: nothing. */
function mendingOf(source: string): string[] {
  const statements = source
    .replace(/--[^\n]*/g, '')
    .replace(/AS \$\$[\s\S]*?\$\$/g, '')
    .replaceAll('`', ';');
  return refused.filter(([pattern]) => pattern.test(statements)).map(([, mending]) => mending);
}

const files = (await readdir(folder)).filter((name) => /^\d+-/.test(name)).sort();

test('each migration since the rule leaves large tables to their readers and writers', async () => {
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
    [
      '`ALTER TABLE evaluations ADD COLUMN x int GENERATED ALWAYS AS (f(y)) STORED`',
      'a column that a trigger fills, and updateInBatches',
    ],
    ['`ALTER TABLE runs ALTER COLUMN attempt TYPE bigint`', 'another column, and updateInBatches'],
    ['`ALTER TABLE runs ADD CONSTRAINT a CHECK (attempt > 0)`', 'NOT VALID, and VALIDATE CONSTRAINT'],
    ['`ALTER TABLE runs ADD CONSTRAINT a UNIQUE (attempt)`', 'createIndexOnline, and ADD … USING INDEX'],
  ])('%s', (source, mending) => {
    expect(mendingOf(source)).toEqual([mending]);
  });
});

test.each([
  '`CREATE TABLE made (id uuid PRIMARY KEY); CREATE INDEX made_by ON made (id)`',
  '`CREATE INDEX CONCURRENTLY a ON runs (status)`',
  '`ALTER TABLE runs ADD COLUMN x int NOT NULL DEFAULT 0 REFERENCES projects`',
  '`ALTER TABLE runs ADD CONSTRAINT a CHECK (attempt > 0) NOT VALID; ALTER TABLE runs VALIDATE CONSTRAINT a`',
  '`CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE runs SET attempt = 1; END $$`',
  '`CREATE TRIGGER a AFTER UPDATE ON runs FOR EACH ROW EXECUTE FUNCTION f()`',
])('%s is not', (source) => {
  expect(mendingOf(source)).toEqual([]);
});
