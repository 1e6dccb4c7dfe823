import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IngestedVersion, ingest } from '../../../gpu-worker/preparation/ingestion/ingest.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { FileFormat, SplitRequest } from '../../../src/protocol/datasets/split-request.js';
import { type DuckDb, openDuckDb } from '../../../src/storage/duckdb.js';

let root: string;
let duckdb: DuckDb;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-ingestion-'));
  duckdb = await openDuckDb(
    { path: ':memory:', threads: 1, memoryLimitMb: 256, temporaryFolder: join(root, 'spill') },
    1,
  );
});
afterAll(async () => {
  duckdb.close();
  await rm(root, { recursive: true, force: true });
});

const drawn = (changes: Partial<Extract<SplitRequest, { kind: 'drawn' }>> = {}): SplitRequest => ({
  kind: 'drawn',
  fractions: [
    { name: 'train', fraction: 0.8 },
    { name: 'validation', fraction: 0.1 },
    { name: 'test', fraction: 0.1 },
  ],
  seed: 1,
  stratifyBy: null,
  keepTogether: [],
  ...changes,
});

let files = 0;
async function ingestText(
  content: string | Uint8Array,
  format: FileFormat = 'CSV',
  split: SplitRequest = drawn(),
  threads = 2,
): Promise<IngestedVersion> {
  const path = join(root, `upload-${files++}`);
  await writeFile(path, content);
  return ingest({ path, format, split, folder: `${path}-work` }, { threads, memoryLimitMb: 256 });
}

async function rowsOf<Row>(version: IngestedVersion): Promise<Row[]> {
  return duckdb.query<Row>('SELECT * FROM read_parquet($path)', { path: version.path });
}

async function digestOf(version: IngestedVersion): Promise<string> {
  return createHash('sha256')
    .update(await readFile(version.path))
    .digest('hex');
}

async function problemOf(content: string | Uint8Array, format: FileFormat = 'CSV', split = drawn()) {
  const error = await ingestText(content, format, split).catch((reason: unknown) => reason);
  if (!(error instanceof ProblemsError)) throw new Error('the file was not refused', { cause: error });
  return error.problems.map(({ path, code, message, hint }) => ({ path: path.join('.'), code, message, hint }))[0];
}

describe('a version', () => {
  test('holds the rows in their order, with types, row numbers and splits', async () => {
    const file =
      'text,id,score,flag,day,code,empty\n"a, ""b""\nc",1,1.5,true,2024-02-29,007,\n,-2,3,FALSE,2024-01-01 10:00:00,+1,\n';
    const version = await ingestText(file, 'CSV', drawn({ fractions: [{ name: 'all', fraction: 1 }] }));
    expect(version.columns.map(({ name, type, missing, distinct }) => [name, type, missing, distinct])).toEqual([
      ['text', 'TEXT', 1, 1],
      ['id', 'INTEGER', 0, 2],
      ['score', 'FLOAT', 0, 2],
      ['flag', 'BOOLEAN', 0, 2],
      ['day', 'TIMESTAMP', 0, 2],
      ['code', 'TEXT', 0, 2],
      ['empty', 'TEXT', 2, 0],
    ]);
    expect(await rowsOf(version)).toEqual([
      {
        text: 'a, "b"\nc',
        id: 1n,
        score: 1.5,
        flag: true,
        day: new Date('2024-02-29T00:00:00Z'),
        code: '007',
        empty: null,
        '__attune_text:score': '1.5',
        '__attune_text:flag': 'true',
        '__attune_text:day': '2024-02-29',
        __attune_row: 0n,
        __attune_split: 'all',
      },
      {
        text: null,
        id: -2n,
        score: 3,
        flag: false,
        day: new Date('2024-01-01T10:00:00Z'),
        code: '+1',
        empty: null,
        '__attune_text:score': '3',
        '__attune_text:flag': 'FALSE',
        '__attune_text:day': '2024-01-01 10:00:00',
        __attune_row: 1n,
        __attune_split: 'all',
      },
    ]);
  });

  test('keeps names that SQL needs quotes for, whatever they try', async () => {
    const names = ['a"b', "'); DROP TABLE staged; --", 'select', 'x.y', '$1', 'c0', 'rowid', 'split'];
    const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
    const split = drawn({ stratifyBy: 'a"b', keepTogether: ["'); DROP TABLE staged; --", 'rowid'] });
    const version = await ingestText(`${header}\n1,2,3,4,5,6,7,8\n`, 'CSV', split);
    expect(version.columns.map(({ name }) => name)).toEqual(names);
    const [row = {}] = await rowsOf<Record<string, unknown>>(version);
    expect(Object.values(row).slice(0, 8)).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
  });

  test('counts labels, most frequent first, and not those of texts', async () => {
    const rows = Array.from({ length: 1200 }, (_, index) => `unique ${index},${index % 3 === 0 ? 'b' : 'a'}`);
    const { columns } = await ingestText(`text,label\n${rows.join('\n')}\n`);
    expect(columns.map(({ distinct, labels }) => [distinct, labels])).toEqual([
      [1200, null],
      [
        2,
        [
          { label: 'a', count: 800 },
          { label: 'b', count: 400 },
        ],
      ],
    ]);
    const long = await ingestText(`text\n${'x'.repeat(201)}\n`);
    expect(long.columns[0]).toMatchObject({ distinct: 1, labels: null });
  });

  test('of JSON Lines has a column a key, numbers to their last digit, and nested values', async () => {
    const file = [
      '{"text":"é\\n","id":9007199254740993,"f":1,"mixed":1,"big":99999999999999999999}',
      '{"text":null,"f":0.5,"mixed":"x","tags":["a",{"b":null}],"a/b~c":true,"big":1}',
    ].join('\n');
    const version = await ingestText(file, 'JSONL', drawn({ fractions: [{ name: 'all', fraction: 1 }] }));
    expect(version.columns.map(({ name, type }) => [name, type])).toEqual([
      ['text', 'TEXT'],
      ['id', 'INTEGER'],
      ['f', 'FLOAT'],
      ['mixed', 'TEXT'],
      ['big', 'TEXT'],
      ['tags', 'JSON'],
      ['a/b~c', 'BOOLEAN'],
    ]);
    expect(await rowsOf(version)).toMatchObject([
      { text: 'é\n', id: 9007199254740993n, f: 1, mixed: '1', big: '99999999999999999999', tags: null, 'a/b~c': null },
      { text: null, id: null, f: 0.5, mixed: 'x', big: '1', tags: '["a",{"b":null}]', 'a/b~c': true },
    ]);
  });

  test('of TSV takes quotes as they are', async () => {
    const version = await ingestText('label\ttext\nham\t"HEY" he said\n', 'TSV');
    expect(await rowsOf(version)).toMatchObject([{ label: 'ham', text: '"HEY" he said' }]);
  });

  test('of Parquet has the columns of the file', async () => {
    const path = join(root, 'source.parquet');
    await duckdb.query(
      `COPY (SELECT 'x' AS text, 7::UTINYINT AS small, 1.25::DECIMAL(5,2) AS price, DATE '2024-02-29' AS day,
         TIMESTAMPTZ '2024-02-29 12:00:00+02' AS moment, [1, 2] AS list, {'a': 1} AS record, 2::HUGEINT ** 100 AS huge,
         'b'::ENUM('a', 'b') AS choice) TO '${path}' (FORMAT parquet)`,
    );
    const version = await ingestText(await readFile(path), 'PARQUET');
    expect(version.columns.map(({ name, type }) => [name, type])).toEqual([
      ['text', 'TEXT'],
      ['small', 'INTEGER'],
      ['price', 'FLOAT'],
      ['day', 'TIMESTAMP'],
      ['moment', 'TIMESTAMP'],
      ['list', 'INTEGER_LIST'],
      ['record', 'JSON'],
      ['huge', 'FLOAT'],
      ['choice', 'TEXT'],
    ]);
    expect(await rowsOf(version)).toMatchObject([
      {
        text: 'x',
        small: 7n,
        price: 1.25,
        day: new Date('2024-02-29T00:00:00Z'),
        moment: new Date('2024-02-29T10:00:00Z'),
        list: [1n, 2n],
        record: '{"a":1}',
        choice: 'b',
      },
    ]);
    // What was ingested can be ingested, once the two columns of its own are left out.
    await expect(problemOf(await readFile(version.path), 'PARQUET')).resolves.toMatchObject({
      code: 'INVALID_COLUMN_NAME',
    });
  });

  test('holds a text of 10 MB', async () => {
    const text = `${'long text, "quoted" and\n'.repeat(430_000)}`;
    const version = await ingestText(`text,label\n"${text.replaceAll('"', '""')}",a\nshort,b\n`);
    expect(version).toMatchObject({ exampleCount: 2, rejectedCount: 0 });
    expect((await rowsOf<{ text: string }>(version))[0]?.text).toBe(text);
  });

  test('leaves only itself in its folder, but for what DuckDB spilled', async () => {
    const version = await ingestText('a\n1\n');
    expect((await readdir(join(version.path, '..'))).filter((name) => name.endsWith('.duckdb'))).toEqual([]);
  });
});

describe('the digest', () => {
  const rows = Array.from({ length: 30_000 }, (_, index) => `"text ${index % 25_000}\nmore",label ${index % 7}`);
  const file = `text,label\n${rows.join('\n')}\n`;

  test('is the same for the same rows and plan, on any number of threads and from any form of the file', async () => {
    const split = drawn({ stratifyBy: 'label' });
    const digest = await digestOf(await ingestText(file, 'CSV', split, 1));
    expect(await digestOf(await ingestText(file, 'CSV', split, 4))).toBe(digest);
    const withQuotes = file.replaceAll(/,label (\d)/g, ',"label $1"');
    expect(await digestOf(await ingestText(withQuotes, 'CSV', split))).toBe(digest);
    const objects = rows.map((_, index) =>
      JSON.stringify({ text: `text ${index % 25_000}\nmore`, label: `label ${index % 7}` }),
    );
    expect(await digestOf(await ingestText(objects.join('\n'), 'JSONL', split))).toBe(digest);
  });

  test('changes with the seed, with the plan and with any value', async () => {
    const digests = await Promise.all([
      ingestText(file).then(digestOf),
      ingestText(file, 'CSV', drawn({ seed: 2 })).then(digestOf),
      ingestText(file, 'CSV', drawn({ stratifyBy: 'label' })).then(digestOf),
      ingestText(file.replace('text 77\n', 'text 7!\n')).then(digestOf),
    ]);
    expect(new Set(digests).size).toBe(4);
  });
});

describe('rows that cannot be read', () => {
  test('are told with their lines, and the rest is a version', async () => {
    const version = await ingestText('text,label\nx,1\ny\n"a\nb",2\nz,3,4\nw,5\ncut');
    expect(version).toMatchObject({ exampleCount: 3, rejectedCount: 3 });
    expect(version.rejectedRows.map(({ line, code, excerpt }) => [line, code, excerpt])).toEqual([
      [3, 'TOO_FEW_COLUMNS', 'y'],
      [6, 'TOO_MANY_COLUMNS', 'z,3,4'],
      [8, 'CUT_OFF', 'cut'],
    ]);
  });

  test('of JSON Lines are those with a key twice, too', async () => {
    const version = await ingestText('{"a":"x"}\n{"a":"y","a":1}\nnot json\n{"a":"z"}\n', 'JSONL');
    expect(version.rejectedRows.map(({ line, code }) => [line, code])).toEqual([
      [2, 'DUPLICATE_KEY'],
      [3, 'INVALID_JSON'],
    ]);
    expect(await rowsOf(version)).toMatchObject([{ a: 'x' }, { a: 'z' }]);
  });

  test('never make a row of a large file disappear', async () => {
    // More than any buffer between the quotes and the rest.
    const good = Array.from({ length: 60_000 }, (_, index) => `"${index}\r\n${'lorem ipsum '.repeat(40)}",x`);
    const bad = new Set([0, 777, 30_000, 59_999]);
    const lines = good.map((row, index) => (bad.has(index) ? `"${index}"!,x` : row));
    const version = await ingestText(`text,label\r\n${lines.join('\r\n')}\r\n`);
    expect(version).toMatchObject({ exampleCount: 59_996, rejectedCount: 4 });
    // A good row takes two lines, a bad one takes one: one bad row before each of the others.
    expect(version.rejectedRows.map(({ line }) => line)).toEqual([
      2,
      2 + 2 * 777 - 1,
      2 + 2 * 30_000 - 2,
      2 + 2 * 59_999 - 3,
    ]);
    const [counted] = await duckdb.query<{ rows: number; ordered: boolean }>(
      `SELECT count(*)::DOUBLE AS rows, bool_and(__attune_row = number) AS ordered
       FROM (SELECT __attune_row, row_number() OVER () - 1 AS number FROM read_parquet($path))`,
      { path: version.path },
    );
    expect(counted).toEqual({ rows: 59_996, ordered: true });
  });
});

describe('a file that no version can come from', () => {
  test.each<[string, string | Uint8Array, FileFormat, string, string]>([
    ['is empty', '', 'CSV', 'EMPTY_FILE', 'Upload a file with a header and at least one row.'],
    ['has a header only', 'a,b\n', 'CSV', 'EMPTY_FILE', 'Upload a file with at least one row.'],
    ['has blank lines only', '\n\n', 'JSONL', 'EMPTY_FILE', 'Upload a file with at least one row.'],
    [
      'has no good row',
      'a,b\n1\n2\n',
      'CSV',
      'NO_VALID_ROWS',
      'Does the file have the format that the upload declared? It was read divided by commas; `fileOptions: { delimited: { delimiter: ";" } }` names another delimiter.',
    ],
    [
      'has quotes within quotes',
      'a,b\n"he said "hi" 1",a\n',
      'CSV',
      'NO_VALID_ROWS',
      'Double the quotes within a value, as in `"he said ""hi"" 1"`; or say how the file writes them: `fileOptions: { delimited: { quoteEscape: BACKSLASH } }`, or another `quote`, of which an empty text is none. Does the file have the format that the upload declared? It was read divided by commas; `fileOptions: { delimited: { delimiter: ";" } }` names another delimiter.',
    ],
    [
      'is gzip without its end',
      Buffer.from([0x1f, 0x8b, 8, 0, 0]),
      'CSV',
      'INVALID_FILE',
      'Compress it again, and upload it.',
    ],
    [
      'is a JSON list',
      '[{"a":1}]',
      'JSONL',
      'WRONG_FORMAT',
      'Create the upload with format JSON, or write one object on each line, without enclosing brackets and commas.',
    ],
    [
      'has a column twice',
      'a,A\n1,2\n',
      'CSV',
      'INVALID_COLUMN_NAME',
      'Give each column a different name; names that differ only in case count as equal.',
    ],
    [
      'has too many keys',
      JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`k${i}`, 1]))),
      'JSONL',
      'INVALID_FILE',
      'Leave some columns out. In a CSV or TSV file, check the delimiter.',
    ],
    [
      'never closes a quote',
      `a,b\n1,2\n"3,4\n${'5,6\n'.repeat(1500)}`,
      'CSV',
      'INVALID_FILE',
      'Close the quote, or double it if it is part of the text.',
    ],
    [
      'is Parquet without its middle',
      Buffer.from(`PAR1${'x'.repeat(100)}PAR1`),
      'PARQUET',
      'INVALID_FILE',
      'It may have been damaged: upload it again.',
    ],
  ])('%s', async (_, content, format, code, hint) => {
    const problem = await problemOf(content, format);
    expect(problem).toMatchObject({ path: 'uploadId', code, hint });
    expect(problem?.message).not.toContain(root);
  });

  test('says why of the first row', async () => {
    await expect(problemOf('a,b\n\n1\n2\n')).resolves.toMatchObject({
      message: 'None of the 2 rows could be read; the first: line 3: The header has 2 columns, the row 1.',
    });
  });
});

describe('splits by a column', () => {
  test('are the values of the column, which stays', async () => {
    const split: SplitRequest = { kind: 'column', column: 'part' };
    const version = await ingestText('text,part\na,train\nb,test\nc,train\n', 'CSV', split);
    expect(version.splits).toEqual([
      { name: 'train', exampleCount: 2 },
      { name: 'test', exampleCount: 1 },
    ]);
    expect(await rowsOf(version)).toMatchObject([
      { part: 'train', __attune_split: 'train' },
      { part: 'test', __attune_split: 'test' },
      { part: 'train', __attune_split: 'train' },
    ]);
    await expect(problemOf('text,part\na,train\nb,\n', 'CSV', split)).resolves.toMatchObject({
      path: 'splitColumn',
      message: '1 row has no value in column “part”.',
    });
  });
});
