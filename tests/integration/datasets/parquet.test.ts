import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IngestedVersion, ingest } from '../../../gpu-worker/preparation/ingestion/ingest.js';
import { type OpenExampleReader, openExampleReader } from '../../../src/datasets/example-reader.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { SplitRequest } from '../../../src/protocol/datasets/split-request.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { parquetOf } from '../../support/parquet.js';

let root: string;
let reader: OpenExampleReader;
let odd: Readonly<Record<string, string>>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-parquet-'));
  // The digests of these versions are their paths.
  const store = { localPath: async (path: string) => path } as unknown as ArtifactStore;
  reader = await openExampleReader(store, join(root, 'spill'));
  odd = JSON.parse(await readFile(new URL('reference/odd-parquet.reference.json', import.meta.url), 'utf8'));
});
afterAll(async () => {
  reader.close();
  await rm(root, { recursive: true, force: true });
});

const drawn: SplitRequest = {
  kind: 'drawn',
  fractions: [{ name: 'all', fraction: 1 }],
  seed: 1,
  stratifyBy: null,
  keepTogether: [],
};

let files = 0;
async function ingestFile(content: Uint8Array, split: SplitRequest = drawn): Promise<IngestedVersion> {
  const path = join(root, `upload-${files++}`);
  await writeFile(path, content);
  return ingest({ path, format: 'PARQUET', split, folder: `${path}-work` }, { threads: 2, memoryLimitMb: 256 });
}

const query = async (select: string) => ingestFile(await parquetOf(select));
const oddFile = (name: string) => ingestFile(Buffer.from(odd[name]!, 'base64'));
const typesOf = ({ columns }: IngestedVersion) => Object.fromEntries(columns.map(({ name, type }) => [name, type]));

/** The values of the rows as `examples` gives them. */
async function valuesOf({ path }: IngestedVersion) {
  const examples = await reader.readExamples({ digest: path, split: null, afterRow: null, limit: 100 });
  return examples.map(({ values }) => values);
}

async function problemOf(version: Promise<IngestedVersion>) {
  const error = await version.catch((reason: unknown) => reason);
  if (!(error instanceof ProblemsError)) throw new Error('the file was not refused', { cause: error });
  return error.problems[0]!;
}

describe('numbers', () => {
  test('that are not finite are texts, at any depth', async () => {
    const version = await query(`SELECT unnest(['NaN'::DOUBLE, 'Infinity', 1.5]) AS plain,
      ['NaN'::DOUBLE, '-Infinity', 1] AS list, [['NaN'::FLOAT, NULL], NULL, []] AS lists,
      {'x': 'Infinity'::DOUBLE, 'y''z': {'list': ['NaN'::FLOAT]}, 'none': NULL::DOUBLE} AS record,
      MAP {'a "b"': 'NaN'::DOUBLE, 'c': NULL} AS map, NULL::STRUCT(x DOUBLE) AS missing`);
    expect(typesOf(version)).toEqual({
      plain: 'FLOAT',
      list: 'FLOAT_LIST',
      lists: 'JSON',
      record: 'JSON',
      map: 'JSON',
      missing: 'JSON',
    });
    const rows = await valuesOf(version);
    expect(rows.map(({ plain }) => plain)).toEqual(['NaN', 'Infinity', 1.5]);
    expect(rows[0]).toMatchObject({
      list: ['NaN', '-Infinity', 1],
      lists: [['NaN', null], null, []],
      record: { x: 'Infinity', "y'z": { list: ['NaN'] }, none: null },
      map: { 'a "b"': 'NaN', c: null },
      missing: null,
    });
  });

  test('that were written as bare NaN by former versions can be read', async () => {
    const path = join(root, 'former.parquet');
    const json = `'{"NaN":[NaN,-Infinity,1.25,12345678901234567890],"text":"NaN, \\"-Infinity\\" 9007199254740993"}'::JSON`;
    await writeFile(
      path,
      await parquetOf(`SELECT ${json} AS value, 0::BIGINT AS __attune_row, 'all' AS __attune_split`),
    );
    const [example] = await reader.readExamples({ digest: path, split: null, afterRow: null, limit: 1 });
    expect(example!.values.value).toEqual({
      NaN: ['NaN', '-Infinity', 1.25, '12345678901234567890'],
      text: 'NaN, "-Infinity" 9007199254740993',
    });
  });

  test('keep their digits: whole ones are never rounded, and decimals only where a float holds them', async () => {
    const version = await query(`SELECT 7::UBIGINT AS small, 18446744073709551615::UBIGINT AS unsigned,
      12::DECIMAL(38,0) AS whole, 123456789012345678901::DECIMAL(38,0) AS long, 12.5::DECIMAL(38,10) AS price,
      12345678901234567.25::DECIMAL(38,2) AS exact, 587311395.032::DECIMAL(38,18) AS wide, [1.5::DECIMAL(9,2)] AS prices,
      [12345678901234567.25::DECIMAL(38,2)] AS exacts, {'id': 9007199254740993, 'price': 0.10::DECIMAL(9,2)} AS record`);
    expect(typesOf(version)).toEqual({
      small: 'INTEGER',
      unsigned: 'TEXT',
      whole: 'INTEGER',
      long: 'TEXT',
      price: 'FLOAT',
      exact: 'TEXT',
      wide: 'FLOAT',
      prices: 'FLOAT_LIST',
      exacts: 'JSON',
      record: 'JSON',
    });
    expect(await valuesOf(version)).toEqual([
      {
        small: 7,
        unsigned: '18446744073709551615',
        whole: 12,
        long: '123456789012345678901',
        price: 12.5,
        exact: '12345678901234567.25',
        wide: 587311395.032,
        prices: [1.5],
        exacts: ['12345678901234567.25'],
        record: { id: '9007199254740993', price: 0.1 },
      },
    ]);
  });

  test('of more digits than can be read are refused, and not misread', async () => {
    expect(await problemOf(oddFile('longDecimals'))).toMatchObject({
      path: ['uploadId'],
      code: 'INVALID_FILE',
      message: 'The column “price” has decimal numbers of 50 digits, of which at most 38 can be read.',
    });
  });
});

describe('times', () => {
  test('have their microseconds, and those of lists and records are JSON', async () => {
    const version = await query(`SELECT TIMESTAMP '2024-01-01 00:00:00.123456' AS micros,
      TIMESTAMP '2024-01-01 00:00:00.123' AS millis, DATE '2024-02-29' AS day,
      TIMESTAMPTZ '2024-01-01 02:00:00.000001+02' AS zoned, [TIMESTAMP '2024-01-01 00:00:00.5'] AS list,
      [[TIMESTAMPTZ '2024-01-01 02:00:00+02']] AS lists, {'at': DATE '2024-02-29'} AS record, TIME '12:34:56' AS clock`);
    expect(typesOf(version)).toEqual({
      micros: 'TIMESTAMP',
      millis: 'TIMESTAMP',
      day: 'TIMESTAMP',
      zoned: 'TIMESTAMP',
      list: 'JSON',
      lists: 'JSON',
      record: 'JSON',
      clock: 'TEXT',
    });
    expect(await valuesOf(version)).toEqual([
      {
        micros: '2024-01-01T00:00:00.123456Z',
        millis: '2024-01-01T00:00:00.123Z',
        day: '2024-02-29T00:00:00.000Z',
        zoned: '2024-01-01T00:00:00.000001Z',
        list: ['2024-01-01 00:00:00.5'],
        lists: [['2024-01-01 00:00:00+00']],
        record: { at: '2024-02-29' },
        clock: '12:34:56',
      },
    ]);
  });

  // Marks such as the largest number for “never”.
  test('beyond what a Date holds, to the ends of 64 bits, are texts', async () => {
    const version = await oddFile('farTimes');
    expect(typesOf(version)).toMatchObject({ micros: 'TIMESTAMP', nanos: 'TIMESTAMP', days: 'TEXT', list: 'JSON' });
    expect(await valuesOf(version)).toEqual([
      {
        micros: '+294247-01-10T04:00:54.775807Z',
        zoned: '+294247-01-10T04:00:54.775807Z',
        millis: '+010000-01-01T00:00:00.000Z',
        nanos: '2262-04-11T23:47:16.854775Z',
        days: '5881580-07-11',
        list: ['infinity'],
        zonedList: ['infinity+00'],
        nanosList: ['-infinity'],
      },
      {
        micros: '-290308-12-21T19:59:05.224193Z',
        zoned: '-290308-12-21T19:59:05.224193Z',
        millis: '0000-12-31T23:59:59.999Z',
        nanos: '1677-09-21T00:12:43.145224Z',
        days: '5877642-06-23 (BC)',
        list: ['-infinity'],
        zonedList: ['-infinity+00'],
        nanosList: ['1970-01-01 00:00:00.000000001'],
      },
      {
        micros: '+289129-11-26T00:00:00.000Z',
        zoned: '-290308-12-21T19:59:05.224193Z',
        millis: null,
        nanos: '1677-09-21T00:12:43.145224Z',
        days: '1970-01-02',
        list: ['1970-01-01 00:00:00.000001'],
        zonedList: ['1970-01-01 00:00:00.000001+00'],
        nanosList: [null],
      },
    ]);
  });
});

describe('binary data', () => {
  test('is text where it is UTF-8, and otherwise left out by its name', async () => {
    const version = await query(`SELECT 7 AS id, encode('héllo') AS text, true AS flag, '\\x89PNG\\xFF'::BLOB AS image,
      'a\\x00'::BLOB AS bytes, NULL::BLOB AS nothing, ['a'::BLOB, encode('é')] AS words, ['a'::BLOB, '\\xFF'::BLOB] AS images,
      {'name': 'x'::BLOB, 'n': 1} AS record, {'bytes': '\\xFF\\xD8'::BLOB, 'path': 'x.png'} AS picture,
      MAP {'k'::BLOB: 'v'::BLOB} AS map`);
    expect(typesOf(version)).toEqual({
      id: 'INTEGER',
      text: 'TEXT',
      flag: 'BOOLEAN',
      nothing: 'TEXT',
      words: 'TEXT_LIST',
      record: 'JSON',
      map: 'JSON',
    });
    expect(version.leftOutColumns).toEqual(
      ['image', 'bytes', 'images', 'picture'].map((name) => ({ name, code: 'BINARY_DATA' })),
    );
    expect(await valuesOf(version)).toEqual([
      {
        id: 7,
        text: 'héllo',
        flag: true,
        nothing: null,
        words: ['a', 'é'],
        record: { name: 'x', n: 1 },
        map: { k: 'v' },
      },
    ]);
  });

  test('is refused by the right name where it is needed', async () => {
    const file = await parquetOf(`SELECT 'a' AS text, '\\xFF'::BLOB AS image`);
    const message = 'The column “image” of the file was left out: the column holds binary data that is no text.';
    expect(await problemOf(ingestFile(file, { ...drawn, stratifyBy: 'image' }))).toMatchObject({
      path: ['split', 'stratifyBy'],
      code: 'UNKNOWN_COLUMN',
      message,
    });
    expect(await problemOf(ingestFile(file, { kind: 'column', column: 'image' }))).toMatchObject({ message });
    expect(await problemOf(query(`SELECT '\\xFF'::BLOB AS image, '\\xFE'::BLOB AS sound`))).toMatchObject({
      code: 'INVALID_FILE',
      message: 'Columns of binary data cannot be used: image, sound. The file has no others.',
    });
  });
});

test('rows with a NUL are rejected, as in other formats, wherever it is', async () => {
  const version = await query(`SELECT i AS id, CASE i WHEN 1 THEN 'a' || chr(0) ELSE 'b' END AS label,
    {'text': CASE i WHEN 2 THEN chr(0) WHEN 3 THEN '\\u0000' ELSE '' END} AS record,
    [['x' || CASE i WHEN 4 THEN chr(0) ELSE '' END]] AS lists, CASE i WHEN 5 THEN 'c' || chr(0) ELSE 'd' END::BLOB AS bytes
    FROM range(6) AS numbers(i)`);
  expect(version.rejectedRows.map(({ line, code, reason, excerpt }) => [line, code, reason, excerpt])).toEqual([
    [2, 'INVALID_CHARACTER', '“label” holds a NUL character.', 'a␀'],
    [3, 'INVALID_CHARACTER', '“record” holds a NUL character.', String.raw`{"text":"\u0000"}`],
    [5, 'INVALID_CHARACTER', '“lists” holds a NUL character.', String.raw`[["x\u0000"]]`],
  ]);
  expect(version.leftOutColumns).toEqual([{ name: 'bytes', code: 'BINARY_DATA' }]);
  expect((await valuesOf(version)).map(({ id }) => id)).toEqual([0, 3, 5]);
});

test('values of any type in one column are JSON', async () => {
  const version = await query(`SELECT unnest([{'a': [1]}::VARIANT, 'text'::VARIANT, 'NaN'::DOUBLE::VARIANT]) AS value`);
  expect(typesOf(version)).toEqual({ value: 'JSON' });
  expect(await valuesOf(version)).toEqual([{ value: { a: [1] } }, { value: 'text' }, { value: 'NaN' }]);
});

test('a column without a type has no values, and is text', async () => {
  expect(typesOf(await oddFile('noValues'))).toEqual({ text: 'TEXT', nothing: 'TEXT' });
});

test('lists and records may be inside each other', async () => {
  expect(await valuesOf(await oddFile('nestedLists'))).toEqual([
    { list: JSON.parse(`${'['.repeat(8)}0.5${']'.repeat(8)}`) },
  ]);
  const record = JSON.parse(`${'{"a":'.repeat(60)}0.5${'}'.repeat(60)}`);
  expect(await valuesOf(await oddFile('nestedRecords'))).toEqual([{ record }]);
});

describe('what can not be read is named', () => {
  test.each([
    ['badUtf8', String.raw`The column “label” holds a text that is not UTF-8: “caf\xE9”.`],
    ['badUtf8InList', String.raw`The column “labels” holds a text that is not UTF-8: “caf\xE9”.`],
    [
      'byteStreamSplit',
      'The column “number” has the encoding BYTE_STREAM_SPLIT, which can be read of FLOAT or DOUBLE alone.',
    ],
    [
      'hadoopLz4',
      'The column “text” is compressed with LZ4, which can not be read: it is the framing of Hadoop, not LZ4_RAW.',
    ],
    [
      'deepLists',
      'The column “list” has lists or maps inside each other at more than 8 levels, which can not be read.',
    ],
    ['deepRecords', 'The column “record” has values inside each other at more than 60 levels, which can not be read.'],
    ['brokenJson', 'The column “record” is declared to hold JSON, but a value is none.'],
  ])('%s', async (name, message) => {
    const found = await problemOf(oddFile(name));
    expect(found).toMatchObject({ path: ['uploadId'], code: 'INVALID_FILE', message });
    expect(found.hint).not.toContain('damaged');
  });

  test('damage is called damage', async () => {
    const whole = await parquetOf(`SELECT 'text ' || i AS text FROM range(1000) AS numbers(i)`);
    const start = Buffer.from(whole);
    start.fill(0xff, 4, 200);
    expect(await problemOf(ingestFile(start))).toMatchObject({
      message: 'The file is not readable as Parquet.',
      hint: 'It may have been damaged: upload it again.',
    });
  });
});
