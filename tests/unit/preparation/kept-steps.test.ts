import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type KeptSteps, keptSteps, type Progress } from '../../../gpu-worker/preparation/kept-steps.js';
import type { RowTable, TableColumn } from '../../../gpu-worker/preparation/row-table.js';
import { Recipe } from '../../../src/protocol/preparation/recipe.js';
import { type DuckDb, openDuckDb } from '../../../src/storage/duckdb.js';

let folder: string;
let lines: string[];
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'attune-kept-')), 'steps');
  lines = [];
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const recipe = Recipe.parse([{ kind: 'collapseWhiteSpace' }, { kind: 'repairMojibake' }]);
const work = { sources: [], recipe, namedVersions: [], textNames: null };
const always = { leastMs: 0, share: Number.POSITIVE_INFINITY };
const kept = (how = always, of = work): KeptSteps => keptSteps(folder, of, (line) => lines.push(line), how);
const openDatabase = () => openDuckDb({ path: ':memory:', threads: 2, memoryLimitMb: 256, temporaryFolder: '' }, 1);

const columns: TableColumn[] = [
  { name: 'text', type: 'TEXT', field: 'c0' },
  { name: 'a number', type: 'INTEGER', field: 'c1', textField: 'c1_text' },
  { name: 'score', type: 'FLOAT', field: 'c2' },
  { name: 'tags', type: 'TEXT_LIST', field: 'c3' },
  { name: 'raw', type: 'JSON', field: 'c4' },
  { name: 'at', type: 'TIMESTAMP', field: 'c5' },
];
const progressOf = (table: RowTable): Progress => ({
  table,
  reports: [
    {
      rowsBefore: 5001,
      rowsAfter: 5000,
      changed: 3,
      dropped: 1,
      added: 0,
      columnsAdded: [],
      columnsDropped: [],
      examples: [
        {
          change: 'DROPPED',
          row: 7,
          otherRow: null,
          reason: 'why',
          before: [{ column: 'text', text: '😀' }],
          after: [],
        },
      ],
    },
  ],
  facts: {
    rejectedCount: 1,
    rejectedRows: [{ line: 2, code: 'INVALID_UTF8', reason: 'x', excerpt: '�' }],
    leftOutColumns: [],
    notices: [{ code: 'FORMULAS', message: 'm' }],
    formats: ['CSV'],
    header: true,
  },
  names: { tables: 4, fields: 6 },
});

/** Rows with what does not survive a detour over texts. */
async function fill(database: DuckDb, rows = 5000): Promise<RowTable> {
  await database.query(
    `CREATE TABLE rows_3 AS SELECT
       CASE i % 4 WHEN 0 THEN '' WHEN 1 THEN NULL WHEN 2 THEN '😀 ' || i ELSE repeat('x', 300) || i END AS c0,
       9007199254740993 + i AS c1, '0' || i AS c1_text,
       CASE i % 4 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN '-Infinity'::DOUBLE WHEN 2 THEN -0.0::DOUBLE ELSE 0.1 + i END AS c2,
       CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN []::VARCHAR[] ELSE ['a', '' || i] END AS c3,
       ('{"a": [1e2, ' || i || ']}')::JSON AS c4, TIMESTAMP '2024-01-01' + to_seconds(i) AS c5,
       (2 * i)::BIGINT AS row, CASE WHEN i % 5 = 0 THEN NULL ELSE 'train' END AS split,
       NULL::VARCHAR AS made_by, NULL::BIGINT AS source_row
     FROM range(${rows}) t(i)`,
  );
  return { name: 'rows_3', columns };
}

const contents = (database: DuckDb) =>
  database.query(
    'SELECT rowid, typeof(c4) AS json, CAST(c2 AS VARCHAR) AS exact, * EXCLUDE (c2) FROM rows_3 ORDER BY rowid',
  );

/** Keeps rows, and returns what they were. */
async function keepSome(): Promise<unknown[]> {
  const database = await openDatabase();
  try {
    await kept().keep(database, progressOf(await fill(database)));
    return await contents(database);
  } finally {
    database.close();
  }
}

async function resumed(of = work) {
  const database = await openDatabase();
  try {
    const reached = await kept(always, of).resume(database);
    return { reached, rows: reached === null ? null : await contents(database), tables: await tablesOf(database) };
  } finally {
    database.close();
  }
}

const tablesOf = async (database: DuckDb) =>
  (await database.query<{ name: string }>('SELECT table_name AS name FROM duckdb_tables()')).map(({ name }) => name);

test('rows, their order and all that is known of them come back as they were', async () => {
  const before = await keepSome();
  const { reached, rows, tables } = await resumed();
  expect(rows).toEqual(before);
  expect(reached).toEqual(progressOf({ name: 'rows_3', columns }));
  expect(tables).toEqual(['rows_3']);
  expect(lines).toEqual([
    'Kept 5000 rows after 1 steps.',
    'Goes on after 1 steps of an earlier attempt, with 5000 rows.',
  ]);
});

test('no more than the last is kept, and nothing when it is forgotten', async () => {
  const database = await openDatabase();
  const steps = kept();
  const progress = progressOf(await fill(database));
  await steps.keep(database, progress);
  await steps.keep(database, { ...progress, reports: [] });
  expect((await readdir(folder)).map((name) => name.replace(/.*\./, '')).sort()).toEqual(['json', 'rows']);
  expect((await kept().resume(await openDatabase()))!.reports).toEqual([]);
  await steps.forget();
  expect(await readdir(join(folder, '..'))).toEqual([]);
  database.close();
});

describe('what can not be used is removed, and the work begins anew', () => {
  const file = async () => join(folder, (await readdir(folder)).find((name) => name.endsWith('.rows'))!);

  test.each<[string, () => Promise<unknown>]>([
    ['a manifest that is cut', async () => truncate(join(folder, 'manifest.json'), 100)],
    ['a manifest that is something else', async () => writeFile(join(folder, 'manifest.json'), '{"work": 3}')],
    ['rows that are gone', async () => rm(await file())],
    ['rows that are cut', async () => truncate(await file(), 20_000)],
    ['rows that are empty', async () => truncate(await file(), 0)],
    ['rows with a changed byte in each block', async () => spoil(await file())],
    [
      'a number of rows that is another',
      async () => {
        const path = join(folder, 'manifest.json');
        await writeFile(path, (await readFile(path, 'utf8')).replace('"rows":5000', '"rows":4999'));
      },
    ],
  ])('%s', async (_, damage) => {
    await keepSome();
    await damage();
    expect(await resumed()).toEqual({ reached: null, rows: null, tables: [] });
    expect(lines.at(-1)).toMatch(/^What an earlier attempt kept of its steps is not used: ./);
    expect(await readdir(join(folder, '..'))).toEqual([]);
  });

  test('rows of another recipe, of other sources, of other versions', async () => {
    for (const other of [
      { ...work, recipe: recipe.slice(0, 1) },
      { ...work, textNames: ['text'] },
      { ...work, namedVersions: [{ datasetVersionId: 'x', digest: '0'.repeat(64) }] },
    ]) {
      await keepSome();
      expect((await resumed(other as typeof work)).reached).toBeNull();
      expect(lines.at(-1)).toContain('it belongs to other work');
    }
  });

  test('nothing is kept: nothing is said', async () => {
    expect((await resumed()).reached).toBeNull();
    expect(lines).toEqual([]);
  });
});

test('rows are kept only after work that is worth it', async () => {
  const database = await openDatabase();
  const progress = progressOf(await fill(database));
  await kept({ leastMs: 60_000, share: 1 }).keep(database, progress);
  expect([await readdir(join(folder, '..')), lines]).toEqual([[], []]);
  await kept({ leastMs: 0, share: 0 }).keep(database, progress);
  expect(await readdir(folder)).toEqual([]);
  expect(lines).toEqual([expect.stringMatching(/^Rows are not kept: that would take \d+ ms after \d+ ms of work\.$/)]);
  database.close();
});

test('a folder that can not be written to keeps nothing, and the work goes on', async () => {
  await writeFile(folder, 'a file');
  const database = await openDatabase();
  await kept().keep(database, progressOf(await fill(database)));
  expect(lines).toEqual([expect.stringContaining('Rows are not kept: ')]);
  database.close();
});

/** Changes a byte in the middle of each of the file's blocks. */
async function spoil(path: string): Promise<void> {
  await using handle = await open(path, 'r+');
  const { size } = await handle.stat();
  for (let at = 12_288 + 1000; at < size; at += 32_768) await handle.write(Buffer.from([0xa5]), 0, 1, at);
}
