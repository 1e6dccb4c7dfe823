import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareWords } from '../../../src/datasets/compare-words.js';
import { countLabels } from '../../../src/datasets/count-labels.js';
import { wordsBetweenSpaces } from '../../../src/protocol/words-between-spaces.js';
import { type DuckDb, openDuckDb } from '../../../src/storage/duckdb.js';

let folder: string;
let path: string;
let duckdb: DuckDb;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-targets-'));
  path = join(folder, 'version.parquet');
  duckdb = await openDuckDb({ path: ':memory:', threads: 1, memoryLimitMb: 256, temporaryFolder: folder }, 1);
  // White space of many kinds: a no-break space, an ideographic one, a line separator, and a vertical tab.
  await duckdb.query(
    `COPY (SELECT * FROM (VALUES
       (0, 'train', 'Ada' || chr(160) || 'met' || chr(12288) || 'Alan', ['Ada', 'met', 'Alan'], ['P', 'O', 'P'], 1.5, ['x']),
       (1, 'train', chr(8232) || ' rain' || chr(11), ['rain'], ['O', 'O'], NULL, NULL),
       (2, 'train', '', [], [], NULL, NULL),
       (3, 'train', 'zero\u200bwidth', ['zero', 'width'], ['O'], 'NaN'::DOUBLE, NULL),
       (4, 'test', 'two words', ['two', 'words'], ['O'], 2.0, []),
       (5, 'test', NULL, NULL, ['O'], 2.5, ['y'])
     ) AS rows (__attune_row, __attune_split, text, words, tags, number, labels)) TO '${path}' (FORMAT parquet)`,
    {},
  );
});
afterAll(async () => {
  duckdb?.close();
  await rm(folder, { recursive: true, force: true });
});

test('white space separates the words of texts', async () => {
  const texts = await duckdb.query<{ row: number; text: string | null; tags: number }>(
    `SELECT __attune_row AS row, text, len(tags)::DOUBLE AS tags FROM read_parquet($path) WHERE text IS NOT NULL`,
    { path },
  );
  const unequal = texts.filter(({ text, tags }) => [...text!.matchAll(/\S+/g)].length !== tags);
  expect(unequal.map(({ row }) => row)).toEqual([1, 4]);
  expect(await compareWords(duckdb, path, { wordColumn: 'text', tagColumn: 'tags' })).toEqual([
    { split: 'test', rows: 1, firstRow: 4, words: 2, tags: 1 },
    { split: 'train', rows: 1, firstRow: 1, words: 1, tags: 2 },
  ]);
});

test('whatever character stands between two letters, checks and worker find as many words', async () => {
  const everyCharacter = join(folder, 'characters.parquet');
  // DuckDB's chr() takes 0 for nothing, and half a surrogate pair is no character.
  await duckdb.query(
    `COPY (SELECT code AS __attune_row, 'split' || code AS __attune_split, 'a' || chr(code) || 'b' AS text, []::VARCHAR[] AS tags
       FROM (SELECT unnest(range(1, 66000))::INTEGER AS code) WHERE code NOT BETWEEN 55296 AND 57343)
     TO '${everyCharacter}' (FORMAT parquet)`,
    {},
  );
  const counted = await compareWords(duckdb, everyCharacter, { wordColumn: 'text', tagColumn: 'tags' });
  const wordsOf = (code: number) => wordsBetweenSpaces(`a${String.fromCodePoint(code)}b`).length;
  expect(counted).toHaveLength(63_951);
  expect(counted.filter(({ firstRow, words }) => words !== wordsOf(firstRow))).toEqual([]);
  expect(counted.filter(({ words }) => words === 2)).toHaveLength(25);
});

test('words of lists are their items', async () => {
  expect(await compareWords(duckdb, path, { wordColumn: 'words', tagColumn: 'tags' })).toEqual([
    { split: 'test', rows: 1, firstRow: 4, words: 2, tags: 1 },
    { split: 'train', rows: 2, firstRow: 1, words: 1, tags: 2 },
  ]);
});

test.each([
  ['a list of labels, if only an empty one', { labelColumns: ['labels'] }, { train: 1, test: 1 }],
  ['a tag', { labelColumns: [], tagColumns: ['tags'] }, { train: 3, test: 1 }],
  ['a finite number', { labelColumns: [], numberColumns: ['number'] }, { train: 1, test: 1 }],
  ['one of them', { labelColumns: ['labels'], tagColumns: ['tags'], numberColumns: ['number'] }, { train: 3, test: 1 }],
])('a row with a text counts if it has %s', async (_, columns, labelled) => {
  expect((await countLabels(duckdb, path, { textColumns: ['text'], ...columns })).labelled).toEqual(labelled);
});

test('a split has lists if a row with a text has one, if only an empty one', async () => {
  const { splitsWithLists, labels } = await countLabels(duckdb, path, {
    textColumns: ['text'],
    labelColumns: ['labels', 'number'],
  });
  expect(splitsWithLists).toEqual({ labels: ['test', 'train'] });
  expect(labels.labels!.filter(({ split }) => split === 'test')).toEqual([]);
});

test('tags are counted as labels are, numbers are not listed', async () => {
  const { labels } = await countLabels(duckdb, path, {
    textColumns: ['text'],
    labelColumns: ['labels'],
    tagColumns: ['tags'],
    numberColumns: ['number'],
  });
  expect(labels).toEqual({
    labels: [{ split: 'train', label: 'x', count: 1 }],
    tags: [
      { split: 'test', label: 'O', count: 1 },
      { split: 'train', label: 'O', count: 4 },
      { split: 'train', label: 'P', count: 2 },
    ],
  });
});
