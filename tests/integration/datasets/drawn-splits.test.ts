import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ingest } from '../../../gpu-worker/preparation/ingestion/ingest.js';
import { type DuckDb, openDuckDb } from '../../../src/storage/duckdb.js';

let root: string;
let duckdb: DuckDb;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-splits-'));
  duckdb = await openDuckDb(
    { path: ':memory:', threads: 1, memoryLimitMb: 256, temporaryFolder: join(root, 'spill') },
    1,
  );
});
afterAll(async () => {
  duckdb.close();
  await rm(root, { recursive: true, force: true });
});

interface Row {
  readonly text: string;
  readonly label: string | null;
}

const fractions = [
  { name: 'train', fraction: 0.8 },
  { name: 'validation', fraction: 0.1 },
  { name: 'test', fraction: 0.1 },
];

let files = 0;
/** The split of each row, in order. */
async function draw(
  rows: readonly Row[],
  options: { readonly seed?: number; readonly stratify?: boolean; readonly together?: readonly string[] } = {},
): Promise<string[]> {
  const path = join(root, `upload-${files++}`);
  await writeFile(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  const split = {
    kind: 'drawn' as const,
    fractions,
    seed: options.seed ?? 0,
    stratifyBy: options.stratify === true ? 'label' : null,
    keepTogether: options.together ?? ['text'],
  };
  const version = await ingest(
    { path, format: 'JSONL', split, folder: `${path}-work` },
    { threads: 2, memoryLimitMb: 256 },
  );
  const read = await duckdb.query<{ split: string }>(
    'SELECT __attune_split AS split FROM read_parquet($path) ORDER BY __attune_row',
    { path: version.path },
  );
  expect(version.splits).toEqual(
    fractions.map(({ name }) => ({ name, exampleCount: read.filter(({ split }) => split === name).length })),
  );
  return read.map(({ split }) => split);
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const count = (values: readonly string[], wanted: string) => values.filter((value) => value === wanted).length;
const distinct = (total: number): Row[] =>
  Array.from({ length: total }, (_, index) => ({ text: `text ${index}`, label: 'a' }));

describe('splits drawn by chance', () => {
  test('have exactly their shares when all rows are different', async () => {
    const splits = await draw(distinct(1000));
    expect(fractions.map(({ name }) => count(splits, name))).toEqual([800, 100, 100]);
  });

  test('are the order of md5(seed : md5(length : text)), cut by the fractions', async () => {
    const rows = distinct(50);
    const ordered = rows
      .map(({ text }, index) => ({ index, key: md5(`${Buffer.byteLength(text)}:${text}`) }))
      .sort((a, b) => (md5(`9:${a.key}`) < md5(`9:${b.key}`) ? -1 : 1));
    const expected: string[] = [];
    for (const [rank, { index }] of ordered.entries())
      expected[index] = rank < 40 ? 'train' : rank < 45 ? 'validation' : 'test';
    expect(await draw(rows, { seed: 9 })).toEqual(expected);
  });

  test('take a column that is named often as named once', async () => {
    const rows = distinct(50);
    expect(await draw(rows, { together: Array(3000).fill('text') })).toEqual(await draw(rows));
  });

  test('keep rows together that are equal in very many columns', async () => {
    const names = Array.from({ length: 600 }, (_, column) => `c${column}`);
    const rows = Array.from({ length: 40 }, (_, row) => names.map((name) => `${name} ${row >> 1}`));
    const path = join(root, 'wide.csv');
    await writeFile(path, [names, ...rows].map((values) => values.join(',')).join('\n'));
    const split = { kind: 'drawn' as const, fractions, seed: 0, stratifyBy: null, keepTogether: [] };
    const version = await ingest(
      { path, format: 'CSV', split, folder: `${path}-work` },
      { threads: 2, memoryLimitMb: 256 },
    );
    const splits = await duckdb.query<{ split: string }>(
      'SELECT __attune_split AS split FROM read_parquet($path) ORDER BY __attune_row',
      { path: version.path },
    );
    for (let row = 0; row < 40; row += 2) expect(splits[row]).toEqual(splits[row + 1]);
    // 20 pairs: 16, 2 and 2 of them.
    expect(fractions.map(({ name }) => splits.filter(({ split }) => split === name).length)).toEqual([32, 4, 4]);
  });

  test('depend on the seed, and a row that is added moves few others', async () => {
    const rows = distinct(1000);
    const [first, again, other, more] = await Promise.all([
      draw(rows),
      draw(rows),
      draw(rows, { seed: 1 }),
      draw([...rows, { text: 'one more', label: 'a' }]),
    ]);
    expect(again).toEqual(first);
    // Two independent draws agree in 0.8² + 0.1² + 0.1² = 66 % of the rows.
    const agreeing = other.filter((split, index) => split === first[index]).length;
    expect(agreeing).toBeGreaterThan(580);
    expect(agreeing).toBeLessThan(740);
    expect(more.slice(0, 1000).filter((split, index) => split !== first[index]).length).toBeLessThanOrEqual(2);
  });

  test('have the same shares of each label, missing ones too', async () => {
    const rows = Array.from({ length: 1010 }, (_, index): Row => {
      const label = index < 900 ? 'common' : index < 1000 ? 'rare' : null;
      return { text: `text ${index}`, label };
    });
    const splits = await draw(rows, { stratify: true });
    const countOf = (label: string | null, split: string) =>
      rows.filter((row, index) => row.label === label && splits[index] === split).length;
    expect(fractions.map(({ name }) => countOf('common', name))).toEqual([720, 90, 90]);
    expect(fractions.map(({ name }) => countOf('rare', name))).toEqual([80, 10, 10]);
    expect(fractions.map(({ name }) => countOf(null, name))).toEqual([8, 1, 1]);
  });

  test('favour no split where many labels are rare', async () => {
    // 5 rows a label: quotas 4, 0.5, 0.5.
    const rows = Array.from(
      { length: 1000 },
      (_, index): Row => ({ text: `text ${index}`, label: `label ${index % 200}` }),
    );
    const splits = await draw(rows, { stratify: true });
    expect(count(splits, 'train')).toBe(800);
    expect(Math.abs(count(splits, 'validation') - 100)).toBeLessThan(30);
  });

  test('keep equal texts in one split, whatever their labels', async () => {
    const rows = Array.from(
      { length: 2000 },
      (_, index): Row => ({ text: `text ${index % 600}`, label: `l${index % 3}` }),
    );
    const splits = await draw(rows, { stratify: true });
    const splitOf = new Map<string, string>();
    for (const [index, { text }] of rows.entries()) {
      expect(splits[index]).toBe(splitOf.get(text) ?? splits[index]);
      splitOf.set(text, splits[index]!);
    }
    // Three strata of groups of 3 or 4 rows: off by at most half a group at each of two borders.
    for (const { name, fraction } of fractions)
      expect(Math.abs(count(splits, name) - 2000 * fraction)).toBeLessThanOrEqual(3 * 4);
  });

  test('tell apart what only looks equal when it is joined', async () => {
    const texts = ['a', 'a|1:b', '1:a', '', '-'];
    const rows = Array.from(
      { length: 500 },
      (_, index): Row => ({ text: texts[index % 5]!, label: index % 2 === 0 ? null : 'b' }),
    );
    const splits = await draw(rows, { together: ['text', 'label'] });
    const groups = new Map<string, Set<string>>();
    for (const [index, { text, label }] of rows.entries()) {
      const key = JSON.stringify([text, label]);
      groups.set(key, (groups.get(key) ?? new Set()).add(splits[index]!));
    }
    expect(groups.size).toBe(10);
    for (const inSplits of groups.values()) expect(inSplits.size).toBe(1);
  });
});
