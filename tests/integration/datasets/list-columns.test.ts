import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IngestedVersion, ingest } from '../../../gpu-worker/preparation/ingestion/ingest.js';
import type { FileOptions } from '../../../src/protocol/datasets/file-options.js';
import type { FileFormat, SplitRequest } from '../../../src/protocol/datasets/split-request.js';
import { type DuckDb, openDuckDb } from '../../../src/storage/duckdb.js';
import { parquetOf } from '../../support/parquet.js';

let root: string;
let duckdb: DuckDb;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-lists-'));
  duckdb = await openDuckDb(
    { path: ':memory:', threads: 1, memoryLimitMb: 256, temporaryFolder: join(root, 'spill') },
    1,
  );
});
afterAll(async () => {
  duckdb.close();
  await rm(root, { recursive: true, force: true });
});

const all: SplitRequest = {
  kind: 'drawn',
  fractions: [{ name: 'all', fraction: 1 }],
  seed: 1,
  stratifyBy: null,
  keepTogether: [],
};

let files = 0;
async function ingestFile(
  content: string | Uint8Array,
  format: FileFormat,
  split = all,
  options?: FileOptions,
): Promise<IngestedVersion> {
  const path = join(root, `upload-${files++}`);
  await writeFile(path, content);
  const optional = options === undefined ? {} : { options };
  return ingest({ path, format, ...optional, split, folder: `${path}-work` }, { threads: 2, memoryLimitMb: 256 });
}

async function rowsOf(version: IngestedVersion): Promise<Record<string, unknown>[]> {
  return duckdb.query('SELECT * EXCLUDE (__attune_row, __attune_split) FROM read_parquet($path)', {
    path: version.path,
  });
}

const typesOf = ({ columns }: IngestedVersion) => columns.map(({ name, type }) => [name, type]);

describe('lists of JSON Lines', () => {
  test('are kept as lists, to the last digit, and a missing list is none', async () => {
    const version = await ingestFile(
      [
        '{"labels":["a, b","c"],"ids":[9007199254740993,1],"scores":[1,0.1],"none":[]}',
        '{"labels":[],"ids":[],"scores":[-0.5]}',
        '{"labels":null,"scores":null}',
      ].join('\n'),
      'JSONL',
    );
    expect(typesOf(version)).toEqual([
      ['labels', 'TEXT_LIST'],
      ['ids', 'INTEGER_LIST'],
      ['scores', 'FLOAT_LIST'],
      ['none', 'TEXT_LIST'],
    ]);
    expect(await rowsOf(version)).toEqual([
      { labels: ['a, b', 'c'], ids: [9007199254740993n, 1n], scores: [1, 0.1], none: [] },
      { labels: [], ids: [], scores: [-0.5], none: null },
      { labels: null, ids: null, scores: null, none: null },
    ]);
  });

  test('are reported by their items and lengths', async () => {
    const version = await ingestFile(
      ['["b","a","b"]', '["a"]', '["a"]', '[]', 'null'].map((list) => `{"labels":${list},"text":"t"}`).join('\n'),
      'JSONL',
    );
    expect(version.columns).toEqual([
      {
        name: 'labels',
        type: 'TEXT_LIST',
        missing: 1,
        distinct: 3,
        labels: [
          { label: 'a', count: 3 },
          { label: 'b', count: 2 },
        ],
        lengths: { shortest: 0, longest: 3, mean: 1.25 },
      },
      { name: 'text', type: 'TEXT', missing: 0, distinct: 1, labels: [{ label: 't', count: 5 }], lengths: null },
    ]);
  });

  test('with more different items than labels have, or of fractions, are no labels', async () => {
    const rows = Array.from({ length: 501 }, (_, i) => `{"words":["w${2 * i}","w${2 * i + 1}"],"vector":[0.5,0.5]}`);
    const { columns } = await ingestFile(rows.join('\n'), 'JSONL');
    expect(columns.map(({ name, distinct, labels }) => [name, distinct, labels])).toEqual([
      ['words', 501, null],
      ['vector', 1, null],
    ]);
  });

  test('are what sentences are told apart by, where the only text is their label', async () => {
    const rows = Array.from({ length: 100 }, (_, i) => `{"words":["play","song ${i % 50}"],"intent":"PlayMusic"}`);
    const fifths: SplitRequest = {
      ...all,
      fractions: [
        { name: 'train', fraction: 0.8 },
        { name: 'test', fraction: 0.2 },
      ],
    };
    const version = await ingestFile(rows.join('\n'), 'JSONL', fifths);
    expect(version.splits).toEqual([
      { name: 'train', exampleCount: 80 },
      { name: 'test', exampleCount: 20 },
    ]);
    const [both] = await duckdb.query<{ sentences: number }>(
      `SELECT count(*)::DOUBLE AS sentences FROM (
         SELECT words FROM read_parquet($path) GROUP BY words HAVING count(DISTINCT __attune_split) > 1)`,
      { path: version.path },
    );
    expect(both).toEqual({ sentences: 0 });
  });

  test('keep equal ones in one split, and tell apart what a comma does not', async () => {
    const lists = ['["a, b"]', '["a","b"]', '["a, b"]', '["a","b"]'];
    const rows = Array.from({ length: 200 }, (_, i) => `{"words":${lists[i % 4]},"n":${i}}`);
    const halves: SplitRequest = {
      ...all,
      fractions: [
        { name: 'one', fraction: 0.5 },
        { name: 'other', fraction: 0.5 },
      ],
      keepTogether: ['words'],
    };
    // Two groups of 100 rows each: one for each split.
    expect((await ingestFile(rows.join('\n'), 'JSONL', halves)).splits).toEqual([
      { name: 'one', exampleCount: 100 },
      { name: 'other', exampleCount: 100 },
    ]);
  });
});

describe('a file without a header', () => {
  const options: FileOptions = {
    delimited: { header: false, names: null, delimiter: null },
    conll: null,
    listColumns: [],
  };

  test('keeps its first row, behind a byte order mark and blank lines too', async () => {
    const version = await ingestFile('\ufeff\r\n"a",1\r\nb,2\r\n', 'CSV', all, options);
    expect(await rowsOf(version)).toEqual([
      { column1: 'a', column2: 1n },
      { column1: 'b', column2: 2n },
    ]);
  });

  test('of nothing but blank lines is empty', async () => {
    await expect(ingestFile('\r\n\n', 'CSV', all, options)).rejects.toMatchObject({
      problems: [{ path: ['uploadId'], code: 'EMPTY_FILE' }],
    });
  });

  test('may begin with a row that is longer than what its columns are looked for in', async () => {
    const text = 'long '.repeat(300_000);
    const named = { ...options, delimited: { header: false, names: ['text', 'label'], delimiter: null } };
    const version = await ingestFile(`"${text}",a\nshort,b\n`, 'CSV', all, named);
    expect(await rowsOf(version)).toEqual([
      { text, label: 'a' },
      { text: 'short', label: 'b' },
    ]);
    await expect(ingestFile(`"${text}",a\nshort,b\n`, 'CSV', all, options)).rejects.toMatchObject({
      problems: [{ code: 'INVALID_FILE' }],
    });
  });
});

describe('lists of CSV', () => {
  test('of numbers are whole numbers of 64 bits to the last digit, and floats beside fractions', async () => {
    const listColumns = ['ids', 'scores'].map((column) => ({
      column,
      separator: ' ',
      items: 'NUMBER' as const,
      emptyList: false,
    }));
    const options: FileOptions = { delimited: null, conll: null, listColumns };
    const version = await ingestFile(
      'ids,scores,text\n9223372036854775807 -9223372036854775808,1 0.5,a\n1542657904481796104,2,b\n',
      'CSV',
      all,
      options,
    );
    expect(await rowsOf(version)).toEqual([
      { ids: [9223372036854775807n, -9223372036854775808n], scores: [1, 0.5], text: 'a' },
      { ids: [1542657904481796104n], scores: [2], text: 'b' },
    ]);
  });
});

describe('lists of Parquet', () => {
  test('have the types of their items', async () => {
    const version = await ingestFile(
      await parquetOf(`SELECT ['a', 'b'] AS texts, [1::UTINYINT, 2] AS small, [1.5::FLOAT] AS singles,
        ['NaN'::DOUBLE, 'Infinity'::DOUBLE, 1] AS doubles, [12.50::DECIMAL(9,2)] AS prices,
        [123456789012345678::DECIMAL(18,0)] AS whole, [18446744073709551615::UBIGINT] AS unsigned,
        ['b'::ENUM('a', 'b')] AS choices, []::VARCHAR[] AS empty, NULL::VARCHAR[] AS missing`),
      'PARQUET',
    );
    expect(typesOf(version)).toEqual([
      ['texts', 'TEXT_LIST'],
      ['small', 'INTEGER_LIST'],
      ['singles', 'FLOAT_LIST'],
      ['doubles', 'FLOAT_LIST'],
      ['prices', 'FLOAT_LIST'],
      ['whole', 'INTEGER_LIST'],
      ['unsigned', 'TEXT_LIST'],
      ['choices', 'TEXT_LIST'],
      ['empty', 'TEXT_LIST'],
      ['missing', 'TEXT_LIST'],
    ]);
    expect(await rowsOf(version)).toEqual([
      {
        texts: ['a', 'b'],
        small: [1n, 2n],
        singles: [1.5],
        doubles: [Number.NaN, Number.POSITIVE_INFINITY, 1],
        prices: [12.5],
        whole: [123456789012345678n],
        unsigned: ['18446744073709551615'],
        choices: ['b'],
        empty: [],
        missing: null,
      },
    ]);
    expect(version.columns.at(-1)).toMatchObject({ missing: 1, distinct: 0, lengths: null });
  });

  test('stay JSON where a list type would lose something', async () => {
    const version = await ingestFile(
      await parquetOf(`SELECT [['a']] AS nested, ['a', NULL] AS gaps, [true] AS flags, [TIMESTAMP '2024-01-02 03:04:05'] AS moments,
        [DATE '2024-01-02'] AS days, [{'a': 1}] AS records, [0.1::DECIMAL(38,2)] AS long`),
      'PARQUET',
    );
    expect(typesOf(version).map(([, type]) => type)).toEqual(Array(7).fill('JSON'));
    expect(await rowsOf(version)).toMatchObject([
      {
        nested: '[["a"]]',
        gaps: '["a",null]',
        flags: '[true]',
        moments: '["2024-01-02 03:04:05"]',
        days: '["2024-01-02"]',
        records: '[{"a":1}]',
      },
    ]);
  });

  test('reject rows with a NUL, and keep the others in order', async () => {
    const version = await ingestFile(
      await parquetOf(`SELECT i AS number, CASE WHEN i IN (1, 3) THEN ['good', 'b' || chr(0)] ELSE ['x'] END AS labels,
        CASE WHEN i = 3 THEN [chr(0)] ELSE ['y'] END AS others FROM range(5) AS numbers(i)`),
      'PARQUET',
    );
    expect(version).toMatchObject({ exampleCount: 3, rejectedCount: 2 });
    expect(version.rejectedRows.map(({ line, code, reason }) => [line, code, reason])).toEqual([
      [2, 'INVALID_CHARACTER', 'An item of “labels” holds a NUL character.'],
      [4, 'INVALID_CHARACTER', 'An item of “labels” holds a NUL character.'],
    ]);
    const rows = await duckdb.query('SELECT number, __attune_row AS row FROM read_parquet($path)', {
      path: version.path,
    });
    expect(rows).toEqual([
      { number: 0n, row: 0n },
      { number: 2n, row: 1n },
      { number: 4n, row: 2n },
    ]);
    expect(version.columns[1]?.labels).toEqual([{ label: 'x', count: 3 }]);
  });
});
