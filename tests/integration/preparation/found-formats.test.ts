import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';
import { zipOf } from '../../support/zip-file.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const conll = 'EU B-ORG\nrejects O\nGerman B-MISC\ncall O\n\nPeter B-PER\nBlackburn I-PER\n\n';
const columns = [{ number: 1, name: 'words' }];

test.each([
  ['a;b\n1;2\n', {}, 'Values are divided by “;”, as the first rows show.'],
  ['a\tb\n1\t2\n', {}, 'Values are divided by tabs, as the first rows show.'],
  ['notes\nx, y; z | q\tr\np, q, r; s; t | u | v\tw\tz\n', {}, 'Each line was read as one value'],
  ['a,b\n1,2\n', {}, null],
  ['a\n1\n', {}, null],
  ['sep=;\na;b\n1;2\n', {}, null],
  ['a;b\n1;2\n', { delimiter: ';' }, null],
])('of the delimiter of %j with %j is told what is not plain', async (content, delimited, message) => {
  const options = { delimited: { header: true, names: null, delimiter: null, ...delimited } };
  const { notices } = await workshop.read(content, 'CSV', { options });
  const told = notices.filter(({ code }) => code === 'DELIMITER_FOUND').map((notice) => notice.message);
  expect(told).toEqual(message === null ? [] : [expect.stringContaining(message)]);
});

describe('a format is found', () => {
  test.each<[string, string, string | Uint8Array, FileFormat]>([
    ['a table', 'rows', 'a;b\n1;2\n', 'CSV'],
    ['a table of tabs', 'rows.tsv', 'a\tb\n"1\t2\n'.replace('"', ''), 'TSV'],
    ['a table of tabs with quotes', 'rows.tsv', 'a\tb\n"1\t1"\t2\n', 'CSV'],
    ['a table of tabs with texts that begin with a quote', 'rows.tsv', 'a\tb\n"x" said y\t1\n"z"\t2\n', 'TSV'],
    ['a table whose first value is a list', 'rows.csv', '[a];b\n[1, 2];3\n', 'CSV'],
    ['lines of JSON, whatever their name', 'rows.json', '{"a":1}\n{"a":2}\n', 'JSONL'],
    [
      'lines of JSON, the first of them too deep',
      'rows',
      `{"a":${'['.repeat(600)}${']'.repeat(600)}}\n{"a":1}\n`,
      'JSONL',
    ],
    ['one line of JSON', 'rows.jsonl', '{"a":1}', 'JSONL'],
    ['a document in one line', 'rows.json', '{"data":[{"a":1},{"a":2}]}', 'JSON'],
    ['a document in many lines', 'rows.jsonl', '[\n  {"a": 1},\n  {"a": 2}\n]', 'JSON'],
    ['a list of lists', 'rows.txt', '[["a",1],["b",2]]', 'JSON'],
    ['UTF-16', 'rows', Buffer.from('\ufeff{"a":1}\n{"a":2}\n', 'utf16le'), 'JSONL'],
    ['gzip', 'rows.json.gz', gzipSync('[{"a":1}]'), 'JSON'],
  ])('%s', async (_name, name, content, format) => {
    expect((await workshop.read(content, 'AUTO', { name })).format).toBe(format);
  });

  test.each([
    ['rows', 'a,b\n1,2\n', 'The file was read as CSV: so its beginning looks.'],
    ['rows.txt', 'a,b\n1,2\n', 'The file was read as CSV: so its beginning looks.'],
    ['rows.json', '{"a":1}\n{"a":2}\n', 'The file was read as JSONL, not as the JSON that its name promises'],
    ['rows.xlsx', 'a,b\n1,2\n', 'The file was read as CSV, not as the EXCEL that its name promises'],
  ])('and told, where the name %j does not say it', async (name, content, message) => {
    const told = ({ notices }: Awaited<ReturnType<FileWorkshop['read']>>) =>
      notices.filter(({ code }) => code === 'FORMAT_FOUND').map((notice) => notice.message);
    const read = await workshop.read(content, 'AUTO', { name });
    expect(told(read)).toEqual([expect.stringContaining(message)]);
    expect(told(await workshop.read(content, read.format, { name }))).toEqual([]);
    const ending = { CSV: 'csv', JSONL: 'jsonl' }[read.format as 'CSV' | 'JSONL'];
    expect(told(await workshop.read(content, 'AUTO', { name: `rows.${ending}` }))).toEqual([]);
  });

  test.each([
    ['rows.xlsx', 'not a workbook', 'no Excel workbook (.xlsx): it is a single line of text'],
    ['rows.xls', '<table><tr><td>a</td></tr>\n<tr><td>1</td></tr></table>', 'it is a text of tags'],
    ['rows.parquet', 'version https://git-lfs.github.com/spec/v1\n', 'no Parquet file: it is a single line of text'],
  ])('but what is named %j and is another text is no table', async (name, content, message) => {
    expect(await workshop.problemsOf(content, 'AUTO', { name })).toMatchObject([
      { code: 'WRONG_FORMAT', message: expect.stringContaining(message) },
    ]);
  });

  test('CoNLL, whose columns are to be chosen', async () => {
    expect(await workshop.problemsOf(conll, 'AUTO')).toMatchObject([{ path: 'fileOptions.conll', code: 'REQUIRED' }]);
    const options = { conll: { columns, separator: 'WHITESPACE' as const } };
    expect((await workshop.read(conll, 'AUTO', { options })).format).toBe('CONLL');
  });

  test('in a ZIP archive', async () => {
    const zip = await zipOf({ 'a.json': '[{"a":1}]', 'b.jsonl': '{"a":2}\n{"a":3}\n' });
    expect((await workshop.read(zip, 'AUTO')).written).toEqual(['{"a":1}', '{"a":2}', '{"a":3}']);
  });

  test('unless the options name another', async () => {
    const lines = '{"a":1}\n{"a":2}\n';
    const read = await workshop.read(lines, 'JSON', { options: { format: 'JSONL' } });
    expect([read.format, read.written]).toEqual(['JSONL', ['{"a":1}', '{"a":2}']]);
    const options = { format: 'CSV' as const, delimited: { header: false, names: ['line'], delimiter: '|' } };
    expect((await workshop.read(lines, 'AUTO', { options })).written[0]).toBe('{"line":"{\\"a\\":1}"}');
  });

  test('and options of another are refused', async () => {
    const options = { workbook: { sheet: 'x', sheetNumber: null } };
    expect(await workshop.problemsOf('a,b\n1,2\n', 'AUTO', { options })).toMatchObject([
      { path: 'fileOptions.workbook', message: 'This option is only for Excel workbooks; the file is CSV.' },
    ]);
  });
});

describe('quotes', () => {
  const read = async (content: string, delimited: object = {}) => {
    const options = { delimited: { header: null, names: null, delimiter: null, ...delimited } };
    const { written, notices } = await workshop.read(content, 'CSV', { options });
    return { rows: written.map((row) => Object.values(JSON.parse(row))), codes: notices.map(({ code }) => code) };
  };

  test('that are single are found where every row has them', async () => {
    const { rows, codes } = await read("'text','label'\n'it''s, well',1\n'b',2\n'c\nd',3\n");
    expect(rows).toEqual([
      ["it's, well", 1],
      ['b', 2],
      ['c\nd', 3],
    ]);
    expect(codes).toContain('QUOTES_FOUND');
    expect((await read("text,label\n'twas night,1\nrock 'n' roll,2\n")).rows).toEqual([
      ["'twas night", 1],
      ["rock 'n' roll", 2],
    ]);
  });

  test('that stand after a backslash are found where none is doubled', async () => {
    const { rows, codes } = await read('text,label\n"He said \\"hi, you\\" there",1\n"b\\\\",2\n"C:\\dir",3\n');
    expect(rows).toEqual([
      ['He said "hi, you" there', 1],
      ['b\\', 2],
      ['C:\\dir', 3],
    ]);
    expect(codes).toContain('QUOTES_FOUND');
    // A backslash before the end of a value ends it, and a doubled quote says how quotes are written.
    expect((await read('text,label\n"C:\\dir\\",1\n"a ""b"" c",2\n')).rows).toEqual([
      ['C:\\dir\\', 1],
      ['a "b" c', 2],
    ]);
  });

  test('are as the options say', async () => {
    expect((await read('a;b\n|x;y|;1\n', { quote: '|', delimiter: ';' })).rows).toEqual([['x;y', 1]]);
    expect((await read('a,b\n"x,"y"\n', { quote: '' })).rows).toEqual([['"x', '"y"']]);
    expect((await read('a,b\nx\\,y,1\n', { quoteEscape: 'BACKSLASH' })).rows).toEqual([['x,y', 1]]);
    expect((await read('a,b\n"x\\",1\n', { quoteEscape: 'DOUBLED' })).rows).toEqual([['x\\', 1]]);
  });

  test('lines of comments are no rows, before the header too', async () => {
    const { rows } = await read('# made by hand\n#\na,b\n1,#2\n# "more\n3,4\n', { comment: '#' });
    expect(rows).toEqual([
      [1, '#2'],
      [3, '4'],
    ]);
  });

  test.each([
    [{ quote: 'xy' }, 'fileOptions.delimited.quote'],
    [{ comment: '"' }, 'fileOptions.delimited.comment'],
    [{ delimiter: '|', quote: '|' }, 'fileOptions.delimited.delimiter'],
  ])('%j are refused', async (delimited, path) => {
    const options = { delimited: { header: null, names: null, delimiter: null, ...delimited } };
    expect(await workshop.problemsOf('a,b\n1,2\n', 'CSV', { options })).toMatchObject([
      { path, code: 'INVALID_VALUE' },
    ]);
  });
});

describe('what no dataset can have', () => {
  test.each<[FileFormat, string]>([
    ['CSV', `${Array.from({ length: 10_000 }, (_, index) => `c${index}`).join(',')}\n${'1,'.repeat(9999)}1\n`],
    ['JSON', JSON.stringify([Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`c${index}`, 1]))])],
    ['JSON', JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`c${index}`, [1]])))],
  ])('10,000 columns of %s', async (format, content) => {
    expect(await workshop.problemsOf(content, format)).toMatchObject([
      { code: 'INVALID_FILE', message: 'The file has more than 1000 columns.' },
    ]);
  });

  test('a row of 40 MB, which is left out: packed, in UTF-16, and as an item of a document', async () => {
    const long = 'x'.repeat(40 * 2 ** 20);
    const rows = async (content: string | Uint8Array, format: FileFormat) => {
      const { rejectedRows, exampleCount } = await workshop.read(content, format);
      return [exampleCount, rejectedRows.map(({ code }) => code)];
    };
    expect(await rows(gzipSync(`a\n${long}\ny\n`, { level: 0 }), 'CSV')).toEqual([1, ['TOO_LONG']]);
    expect(await rows(Buffer.from(`\ufeffa\n${long}\ny\n`, 'utf16le'), 'CSV')).toEqual([1, ['TOO_LONG']]);
    expect(await rows(`[{"a":"${long}"},{"a":"y"}]`, 'JSON')).toEqual([1, ['TOO_LONG']]);
  });
});
