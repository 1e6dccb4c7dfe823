import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assignSplits } from '../../../gpu-worker/preparation/ingestion/assign-splits.js';
import { toSplitPlan } from '../../../gpu-worker/preparation/ingestion/split-plan.js';
import {
  addSplits,
  dropStaged,
  groupsOf,
  renameStaged,
  stageTexts,
} from '../../../gpu-worker/preparation/ingestion/stage-texts.js';
import type { StagedColumn } from '../../../gpu-worker/preparation/ingestion/staging.js';
import { TextParquet } from '../../../gpu-worker/preparation/ingestion/text-parquet.js';
import { writeVersion } from '../../../gpu-worker/preparation/ingestion/write-version.js';
import { usualSplit } from '../../../src/protocol/datasets/split-request.js';
import { type DuckDb, openDuckDb } from '../../../src/storage/duckdb.js';

/** Files of texts, and what DuckDB reads of them: no other program checks how they are written. */

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-text-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Row = readonly (string | null)[];

async function write(name: string, rows: Iterable<Row>, columns: number) {
  const parquet = new TextParquet(Array.from({ length: columns }, (_, index) => `c${index}`));
  const groups = groupsOf(parquet, columns);
  const parts: Uint8Array[] = [];
  for (const row of rows) {
    for (const [index, value] of row.entries()) {
      if (value === null) continue;
      const text = Buffer.from(value);
      groups.rows.columns[index]!.beginText();
      groups.rows.columns[index]!.append(text, 0, text.length);
      groups.rows.columns[index]!.endText();
    }
    groups.rows.acceptRow();
    parts.push(groups.take());
  }
  groups.finish();
  parts.push(groups.take());
  const path = join(folder, name);
  await writeFile(path, Buffer.concat(parts));
  return { path, parquet, columns };
}

async function withDatabase<Result>(threads: number, work: (database: DuckDb) => Promise<Result>): Promise<Result> {
  const settings = { path: ':memory:', threads, memoryLimitMb: 512, temporaryFolder: join(folder, 'spill') };
  const database = await openDuckDb(settings, 1);
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

const few: Row[] = [
  ['a', null, ''],
  ['Füße 😀', null, 'b'],
  [null, null, 'x'.repeat(5000)],
];

test('a file has the texts that were written, of any length, and which are missing', async () => {
  for (const mostCopied of [0, 1e9]) {
    const file = await write(`few-${mostCopied}`, few, 3);
    const { rows } = await withDatabase(1, async (database) => {
      expect(await stageTexts(database, file, new Set(), mostCopied)).toBe(mostCopied === 0);
      return database.read('SELECT c0, c1, c2, rowid::INTEGER FROM staged ORDER BY rowid');
    });
    expect(rows).toEqual(few.map((row, index) => [...row, index]));
  }
});

test('a file of many columns is copied, whatever its size', async () => {
  const wide = [Array.from({ length: 101 }, (_, index) => String(index))];
  const file = await write('wide', wide, 101);
  await withDatabase(1, async (database) => {
    expect(await stageTexts(database, file, new Set(), 0)).toBe(false);
    expect((await database.read('SELECT c0, c100 FROM staged')).rows).toEqual([['0', '100']]);
  });
});

test('staged rows can be renamed and dropped, in a table or a view', async () => {
  for (const mostCopied of [0, 1e9]) {
    const file = await write(`dropped-${mostCopied}`, few, 3);
    await withDatabase(1, async (database) => {
      await stageTexts(database, file, new Set(), mostCopied);
      await renameStaged(database, 'part');
      expect((await database.read('SELECT count(*)::INTEGER FROM part')).rows).toEqual([[3]]);
      await dropStaged(database, 'part');
      await stageTexts(database, file, new Set(), mostCopied);
    });
  }
});

test('rows too long for whole vectors are copied into a table', async () => {
  const long = 'y'.repeat(1 << 20);
  const rows = Array.from({ length: 100 }, (_, index): Row => [String(index), long]);
  const file = await write('long', rows, 2);
  expect(file.parquet.groupRows).toEqual([64, 36]);
  const read = await withDatabase(2, async (database) => {
    expect(await stageTexts(database, file, new Set(), 0)).toBe(false);
    return database.read(
      'SELECT rowid::VARCHAR = c0 AND length(c1) = 1048576 AS same, count(*)::INTEGER FROM staged GROUP BY 1',
    );
  });
  expect(read.rows).toEqual([[true, 100]]);
});

test('a version has the same bytes, read from a table or a view, on one thread or two', {
  timeout: 60_000,
}, async () => {
  const count = 230_000;
  function* rows(): Generator<Row> {
    for (let i = 0; i < count; i++) {
      yield [i % 7 === 0 ? null : `text ${i % 100_000}`, `${i % 5}`, i % 11 === 0 ? `ü${i}` : ''];
    }
  }
  const columns = ['text', 'label', 'note'].map(
    (name, index): StagedColumn => ({ name, type: 'TEXT', expression: `c${index}`, text: `c${index}` }),
  );
  const versions: Buffer[] = [];
  for (const [threads, mostCopied] of [
    [1, 1e9],
    [1, 0],
    [2, 0],
  ] as const) {
    const file = await write(`rows-${threads}-${mostCopied}`, rows(), 3);
    expect(file.parquet.groupRows).toEqual([98_304, 98_304, 33_392]);
    await withDatabase(threads, async (database) => {
      const haveSplits = await stageTexts(database, file, new Set(), mostCopied);
      const splits = await assignSplits(database, columns, toSplitPlan(usualSplit, columns));
      const names = splits.map(({ name }) => name);
      if (haveSplits) await addSplits(database, file, names);
      const path = join(folder, 'version.parquet');
      await writeVersion(database, columns, [], { path, rows: count, bytes: 20 * count, haveSplits });
      const read = await database.read(
        `SELECT __attune_split, count(*)::INTEGER FROM read_parquet('${path}') GROUP BY 1 ORDER BY 1`,
      );
      const counts = splits.map(({ name, exampleCount }) => [name, exampleCount] as const);
      expect(read.rows).toEqual(counts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
      versions.push(await readFile(path));
    });
  }
  expect(versions[1]!.equals(versions[0]!)).toBe(true);
  expect(versions[2]!.equals(versions[0]!)).toBe(true);
});
