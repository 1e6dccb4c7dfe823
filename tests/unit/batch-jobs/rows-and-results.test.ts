import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RowQuery, readRows, type TextRow } from '../../../gpu-worker/batch-jobs/read-rows.js';
import { writeResult } from '../../../gpu-worker/batch-jobs/write-result.js';
import { RunStopped } from '../../../gpu-worker/run-stopped.js';
import type { BatchFormat, ResultColumn } from '../../../src/protocol/batch-prediction.js';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';
import { parquetOf } from '../../support/parquet.js';

let files: FileWorkshop;
let folder: string;
beforeAll(async () => {
  files = await openFileWorkshop();
  folder = await mkdtemp(join(tmpdir(), 'attune-results-'));
});
afterAll(async () => {
  await files?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const query: Omit<RowQuery, 'path'> = {
  split: null,
  textColumn: 'text',
  pairColumn: null,
  pairMayBeEmpty: false,
  after: null,
  tagsWords: false,
  maxCharacters: 10,
  truncationSide: 'right',
};

async function read(path: string, change: Partial<RowQuery> = {}): Promise<(readonly TextRow[])[]> {
  const portions = [];
  for await (const rows of readRows({ ...query, path, ...change })) portions.push(rows);
  return portions;
}

test('rows come 512 at a time, in order, from any row on; texts are cut, and empty ones are errors', async () => {
  const texts = Array.from({ length: 1_300 }, (_, i) =>
    i % 100 === 7 ? '  ' : i % 100 === 8 ? null : `text of row ${i}`,
  );
  const { storedPath } = await files.read(texts.map((text) => JSON.stringify({ text })).join('\n'), 'JSONL');
  const portions = await read(storedPath);
  expect(portions.map((rows) => rows.length)).toEqual([512, 512, 276]);
  const all = portions.flat();
  expect(all.map(({ row }) => row)).toEqual(texts.map((_, i) => i));
  expect(all[6]).toEqual({ row: 6, text: 'text of ro', pair: null, error: null });
  expect(all[7]?.error).toBe('EMPTY_TEXT');
  expect(all[8]).toEqual({ row: 8, text: '', pair: null, error: 'EMPTY_TEXT' });
  expect((await read(storedPath, { after: 1_297 })).flat().map(({ row }) => row)).toEqual([1_298, 1_299]);
  expect((await read(storedPath, { truncationSide: 'left' }))[0]![6]?.text).toBe('t of row 6');
  expect(await read(storedPath, { after: 1_299 })).toEqual([]);
});

test('one split, pairs, words of lists, and texts that are too long to be tagged', async () => {
  const rows = [
    { part: 'a', words: ['Ada', 'met'], text: 'x'.repeat(100_001), other: 'second' },
    { part: 'b', words: [], text: 'y'.repeat(100_000), other: null },
  ];
  const split = { kind: 'column', column: 'part' } as const;
  const { storedPath } = await files.read(rows.map((row) => JSON.stringify(row)).join('\n'), 'JSONL', { split });
  expect((await read(storedPath, { split: 'b' })).flat().map(({ row }) => row)).toEqual([1]);
  expect((await read(storedPath, { textColumn: 'words' })).flat()).toMatchObject([
    { text: 'Ada met', error: null },
    { text: '', error: 'EMPTY_TEXT' },
  ]);
  expect((await read(storedPath, { pairColumn: 'other' })).flat()).toMatchObject([
    { pair: 'second', error: null },
    { pair: '', error: 'EMPTY_TEXT' },
  ]);
  expect((await read(storedPath, { tagsWords: true })).flat().map(({ error }) => error)).toEqual([
    'TEXT_TOO_LONG',
    null,
  ]);
  await expect(read(storedPath, { textColumn: 'nothing' })).rejects.toMatchObject({
    problem: { code: 'UNKNOWN_COLUMN' },
  });
});

const columns: ResultColumn[] = [
  { name: 'split', content: 'split', task: null, output: null },
  { name: 'label', content: 'label', task: 'a', output: null },
  { name: 'p', content: 'probability', task: 'a', output: null },
  { name: 'tags', content: 'labels', task: 'b', output: null },
  { name: 'all', content: 'allLabels', task: 'a', output: null },
  { name: 'error', content: 'error', task: null, output: null },
];

async function write(
  path: string,
  format: BatchFormat,
  change: { rows?: number; onWait?: () => void } = {},
): Promise<Buffer> {
  const work = await mkdtemp(join(folder, 'work-'));
  await mkdir(work, { recursive: true });
  const part = (lines: object[]) => `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
  const all = [{ label: 'yes, "no"\n😀', probability: 0.30000001192092896 }];
  await writeFile(join(work, '1'), part([{ row: 1, c0: null, c1: null, c2: null, c3: null, c4: 'EMPTY_TEXT' }]));
  await writeFile(
    join(work, '0'),
    part([{ row: 0, c0: all[0]!.label, c1: 0.30000001192092896, c2: ['a,b', 'c"d'], c3: all, c4: null }]),
  );
  const request = { dataPath: path, partPaths: [join(work, '1'), join(work, '0')], columns, format, folder: work };
  return readFile(await writeResult({ ...request, rows: 2, onWait: () => undefined, ...change }));
}

/** Two rows of every type that a column may have. */
async function everyType(): Promise<string> {
  const parquet = await parquetOf(`SELECT * FROM (VALUES
    ('a "quoted", text', 7::BIGINT, 0.1::DOUBLE, true, TIMESTAMP '2024-01-02 03:04:05', ['x', 'y, z'], [1.5, 'nan'::DOUBLE], '{"k": [1, 2]}'::JSON),
    (NULL, 9007199254740993, 'inf'::DOUBLE, NULL, TIMESTAMP '2024-01-02 03:04:05.123456', NULL, NULL, NULL)
  ) AS t (text, n, x, flag, "at", words, vector, json)`);
  return (await files.read(parquet, 'PARQUET')).storedPath;
}

test('JSON lines have the values as JSON can carry them', async () => {
  const written = await write(await everyType(), 'jsonLines');
  const [first, second, rest] = written.toString().split('\n');
  expect(JSON.parse(first!)).toEqual({
    text: 'a "quoted", text',
    n: 7,
    x: 0.1,
    flag: true,
    at: '2024-01-02T03:04:05.000Z',
    words: ['x', 'y, z'],
    vector: [1.5, 'NaN'],
    json: { k: [1, 2] },
    split: 'train',
    label: 'yes, "no"\n😀',
    p: 0.30000001192092896,
    tags: ['a,b', 'c"d'],
    all: [{ label: 'yes, "no"\n😀', probability: 0.30000001192092896 }],
    error: null,
  });
  expect(second).toContain('"n":9007199254740993,"x":"Infinity","flag":null,"at":"2024-01-02T03:04:05.123456Z"');
  expect(JSON.parse(second!)).toMatchObject({ text: null, words: null, label: null, tags: null, error: 'EMPTY_TEXT' });
  expect(rest).toBe('');
});

test('CSV quotes what it must; numbers stay as the file wrote them', async () => {
  const { storedPath } = await files.read('text,code,n\n"a ""b"",\nc",007,3.10\n,008,2.5\n', 'CSV');
  const path = join(folder, 'read.csv');
  await writeFile(path, await write(storedPath, 'csv'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const back = await connection.runAndReadAll(`SELECT * FROM read_csv('${path}', all_varchar = true, header = true)`);
  expect(back.columnNames()).toEqual(['text', 'code', 'n', ...columns.map(({ name }) => name)]);
  const all = JSON.stringify([{ label: 'yes, "no"\n😀', probability: 0.30000001192092896 }]);
  expect(back.getRows()).toEqual([
    ['a "b",\nc', '007', '3.10', 'train', 'yes, "no"\n😀', '0.30000001192092896', '["a,b","c\\"d"]', all, null],
    [null, '008', '2.5', 'train', null, null, null, null, 'EMPTY_TEXT'],
  ]);
});

test('Parquet has the types of the columns', async () => {
  const path = join(folder, 'typed.parquet');
  await writeFile(path, await write(await everyType(), 'parquet'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${path}')`);
  expect(Object.fromEntries(described.getRows().map(([name, type]) => [name, type]))).toEqual({
    text: 'VARCHAR',
    n: 'BIGINT',
    x: 'DOUBLE',
    flag: 'BOOLEAN',
    at: 'TIMESTAMP',
    words: 'VARCHAR[]',
    vector: 'DOUBLE[]',
    json: 'JSON',
    split: 'VARCHAR',
    label: 'VARCHAR',
    p: 'DOUBLE',
    tags: 'VARCHAR[]',
    all: 'STRUCT("label" VARCHAR, probability DOUBLE)[]',
    error: 'VARCHAR',
  });
});

test('equal predictions give equal bytes; a row that is missing is a fault', async () => {
  const path = await everyType();
  for (const format of ['jsonLines', 'csv', 'parquet'] as const) {
    expect((await write(path, format)).equals(await write(path, format)), format).toBe(true);
  }
  await expect(write(path, 'csv', { rows: 3 })).rejects.toThrow('3 rows were predicted, but 2 were written.');
});

test('writing is broken off while it runs', async () => {
  const parquet = await parquetOf(`SELECT 'text ' || range AS text, repeat('x', 200) AS filler FROM range(400000)`);
  const { storedPath } = await files.read(parquet, 'PARQUET');
  const work = await mkdtemp(join(folder, 'work-'));
  const part = join(work, 'part');
  const lines = Array.from(
    { length: 400_000 },
    (_, row) => `{"row":${row},"c0":"a","c1":1,"c2":[],"c3":[],"c4":null}\n`,
  );
  await writeFile(part, lines.join(''));
  const request = {
    dataPath: storedPath,
    partPaths: [part],
    columns,
    format: 'csv' as const,
    folder: work,
    rows: 400_000,
  };
  const onWait = () => {
    throw new RunStopped('cancel');
  };
  await expect(writeResult({ ...request, onWait })).rejects.toThrow(RunStopped);
});
