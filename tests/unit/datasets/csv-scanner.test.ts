import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noQuoting, usualQuoting } from '../../../gpu-worker/preparation/ingestion/csv-quoting.js';
import { CsvScanner } from '../../../gpu-worker/preparation/ingestion/csv-scanner.js';
import { RowTally } from '../../../gpu-worker/preparation/ingestion/rejected-rows.js';
import { TextColumns } from '../../../gpu-worker/preparation/ingestion/text-columns.js';
import type { ListColumn } from '../../../src/protocol/datasets/file-options.js';

interface Options {
  readonly columns?: number;
  readonly delimiter?: string;
  readonly quoted?: boolean;
  readonly maxRowBytes?: number;
  readonly header?: boolean;
  /** By the place of their column. */
  readonly lists?: Readonly<Record<number, ListColumn>>;
  /** Sizes of the chunks that the file comes in, repeated. */
  readonly chunks?: readonly number[];
  readonly delimiterLine?: boolean;
  readonly comment?: string | undefined;
  readonly escapedBy?: string | undefined;
}

/** A value a column, a list in one of lists; undefined: missing. */
type Row = readonly (string | readonly string[] | undefined)[];

function scan(file: string | Uint8Array, options: Options = {}) {
  const { columns = 2, delimiter = ',', quoted = true, maxRowBytes = 1000, chunks = [1 << 16] } = options;
  const { header = true, delimiterLine = false, lists = {}, comment, escapedBy } = options;
  const quoting = quoted ? usualQuoting : noQuoting;
  const tally = new RowTally();
  const table = new TextColumns(columns);
  const isList = Array.from({ length: columns }, (_, index) => lists[index] !== undefined);
  const scanner = new CsvScanner(
    {
      delimiter: delimiter.charCodeAt(0),
      ...quoting,
      comment: comment?.charCodeAt(0) ?? quoting.comment,
      escapeByte: escapedBy?.charCodeAt(0) ?? quoting.escapeByte,
      delimiterLine,
      header,
      columnsExpected: `The ${header ? 'header' : 'first row'} has ${columns} columns`,
      lists: new Map(Object.entries(lists).map(([index, list]) => [Number(index), list])),
      maxRowBytes,
    },
    table,
    tally,
  );
  const bytes = Buffer.from(file);
  const rows: Row[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn++) {
    const size = chunks[turn % chunks.length]!;
    scanner.push(bytes.subarray(start, start + size));
    rows.push(...rowsOf(table, isList));
    table.clear();
    start += size;
  }
  scanner.finish();
  rows.push(...rowsOf(table, isList));
  return { rows, tally, rejected: tally.rows.map(({ line, code }) => [line, code]), unclosed: scanner.unclosedQuote };
}

function rowsOf(table: TextColumns, isList: readonly boolean[]): Row[] {
  const columns = table.columns.map((column, index) => {
    const { texts, present } = column.content(table.rowCount);
    const bytes = Buffer.from(texts);
    let at = 0;
    const values = Array.from(present, (has) => {
      if (has === 0) return undefined;
      const end = at + 4 + bytes.readUInt32LE(at);
      const text = bytes.toString('utf8', at + 4, end);
      at = end;
      return isList[index] === true ? (JSON.parse(text) as string[]) : text;
    });
    expect(at).toBe(bytes.length);
    return values;
  });
  return Array.from({ length: table.rowCount }, (_, row) => columns.map((values) => values[row]));
}

describe('rows', () => {
  test('are read as RFC 4180 has them', () => {
    const { rows, rejected } = scan('a,b\r\n1,"two, ""2""\r\nlines"\r\n,""\r\n');
    expect(rows).toEqual([
      ['1', 'two, "2"\r\nlines'],
      [undefined, ''],
    ]);
    expect(rejected).toEqual([]);
  });

  test('may end in any kind of line end, also mixed, and in none', () => {
    expect(scan('a,b\n1,2\r\n3,4\r5,6\n\n7,8').rows).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
      ['7', '8'],
    ]);
  });

  test('begin after a line that names the delimiter, with their own line numbers', () => {
    const named = { delimiter: ';', delimiterLine: true };
    expect(scan('sep=;\r\na;b\r\n1;2\r\n3\r\n5;6\r\n', named)).toMatchObject({
      rows: [
        ['1', '2'],
        ['5', '6'],
      ],
      rejected: [[4, 'TOO_FEW_COLUMNS']],
    });
    expect(scan('"sep=;"\n1;2\n', { ...named, header: false }).rows).toEqual([['1', '2']]);
  });

  test('tell a missing value from an empty text', () => {
    expect(scan('a,b\n,""\n').rows).toEqual([[undefined, '']]);
  });

  test('hold quotes within unquoted values as they are, and any where quotes have no meaning', () => {
    expect(scan('a,b\n5" pipe,x "y" z\n').rows).toEqual([['5" pipe', 'x "y" z']]);
    expect(scan('a\tb\n"x\t"y" z\n', { delimiter: '\t', quoted: false }).rows).toEqual([['"x', '"y" z']]);
  });

  test('may be missing everything but delimiters', () => {
    expect(scan('a,b\n,\n').rows).toEqual([[undefined, undefined]]);
  });

  test('come out as they went in, whatever they hold and however the file is cut into chunks', () => {
    const character = fc.constantFrom('a', ',', ';', '"', '\n', '\r', '\t', '\\', ' ', 'é', '😀', '\u0001', '{');
    const value = fc.option(
      fc.array(character, { maxLength: 6 }).map((all) => all.join('')),
      { nil: undefined },
    );
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((columns) =>
        fc
          .array(fc.array(value, { minLength: columns, maxLength: columns }), { maxLength: 5 })
          .map((rows) => ({ columns, rows })),
      );
    const encode = (row: readonly (string | undefined)[]) =>
      row.map((each) => (each === undefined ? '' : `"${each.replaceAll('"', '""')}"`)).join(',');
    fc.assert(
      fc.property(
        table,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        ({ columns, rows }, chunks, lineEnd) => {
          const file = ['header,'.repeat(columns), ...rows.map(encode)].join(lineEnd);
          const result = scan(file, { columns, chunks });
          // A line with nothing on it is no row.
          expect(result.rows).toEqual(rows.filter((row) => columns > 1 || row[0] !== undefined));
          expect(result.rejected).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('any bytes give the same rows and faults, whether values lie in one chunk or in many', () => {
  const byte = fc.constantFrom(...Buffer.from('aab,,,""\n\n\r\\#; '), 0, 0xc3, 0xa9, 0xe9);
  fc.assert(
    fc.property(
      fc.array(byte, { maxLength: 80 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(undefined, '#'),
      fc.constantFrom(undefined, '\\'),
      (bytes, columns, comment, escapedBy) => {
        const file = Uint8Array.from(bytes);
        const options = { columns, comment, escapedBy };
        expect(scan(file, options)).toEqual(scan(file, { ...options, chunks: [1] }));
      },
    ),
    { numRuns: 1000 },
  );
});

describe('a file without a header', () => {
  test('has a row of data in its first line', () => {
    const { rows, tally } = scan('1,2\n3\n4,5\n', { header: false });
    expect(rows).toEqual([
      ['1', '2'],
      ['4', '5'],
    ]);
    expect(tally.rows).toMatchObject([{ line: 2, reason: 'The first row has 2 columns, the row 1.' }]);
  });
});

describe('lists', () => {
  const labels = { column: 'labels', separator: ',', items: null, emptyList: false } as const;

  test('stand in place of the values of their column', () => {
    const file = 'text,labels\nx,"a, b"\n"y, z",c\n,\nw,""\n';
    expect(scan(file, { lists: { 1: labels } }).rows).toEqual([
      ['x', ['a', 'b']],
      ['y, z', ['c']],
      [undefined, undefined],
      ['w', []],
    ]);
  });

  test('have no items where nothing stands, if that is what it means', () => {
    const lists = { 0: { ...labels, emptyList: true }, 1: { ...labels, emptyList: true } };
    expect(scan('a,b\n,x\n,\ny,\n', { lists }).rows).toEqual([
      [[], ['x']],
      [[], []],
      [['y'], []],
    ]);
  });

  test('of which one is none reject their row', () => {
    const file = Buffer.concat([
      Buffer.from('text,labels\nx,"a,,b"\nx,"a,\nb"\nx,"caf'),
      Buffer.from([0xe9]),
      Buffer.from(',b"\ny,"d,"\nz,"é,d"\n,"\u0000"\n'),
    ]);
    const { rows, tally } = scan(file, { lists: { 1: labels } });
    expect(rows).toEqual([
      ['x', ['a', 'b']],
      ['z', ['é', 'd']],
    ]);
    expect(tally.rows).toEqual([
      { line: 2, code: 'INVALID_LIST', reason: 'Item 2 of “labels” is empty.', excerpt: 'x,"a,,b"' },
      { line: 5, code: 'INVALID_UTF8', reason: 'The row is not UTF-8.', excerpt: 'x,"caf\ufffd,b"' },
      { line: 6, code: 'INVALID_LIST', reason: 'Item 2 of “labels” is empty.', excerpt: 'y,"d,"' },
      { line: 8, code: 'INVALID_CHARACTER', reason: 'The row holds a NUL character.', excerpt: ',"\u2400"' },
    ]);
  });

  test('take more room than their text, whatever the chunks that it came in', () => {
    const items = Array.from({ length: 50_000 }, (_, index) => String(index % 10));
    const file = `n,labels\n1,"${items.join(',')}"\n2,"3,4"\n`;
    for (const size of [7, 1000, 1 << 20]) {
      const { rows } = scan(file, { lists: { 1: labels }, maxRowBytes: 1e6, chunks: [size] });
      expect(rows).toEqual([
        ['1', items],
        ['2', ['3', '4']],
      ]);
    }
    // As text the row has 100,000 bytes, as a list twice as many.
    const { rejected } = scan(file, { lists: { 1: labels }, maxRowBytes: 150_000, chunks: [1000] });
    expect(rejected).toEqual([[2, 'TOO_LONG']]);
  });

  test('come out as they went in, whatever their items hold and however the file is cut into chunks', () => {
    const character = fc.constantFrom('a', ',', '"', '\n', '\\', 'é', '😀', '\u0001');
    const item = fc.array(character, { minLength: 1, maxLength: 4 }).map((all) => all.join(''));
    const list = fc.array(
      item.filter((each) => each.trim() === each),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(fc.array(list, { maxLength: 5 }), fc.integer({ min: 1, max: 9 }), (lists, chunk) => {
        const quoted = lists.map((items) => `x,"${items.join('; ').replaceAll('"', '""')}"\n`);
        const result = scan(`text,labels\n${quoted.join('')}`, {
          lists: { 1: { ...labels, separator: ';' } },
          chunks: [chunk],
        });
        expect(result.rows).toEqual(lists.map((items) => ['x', items]));
      }),
      { numRuns: 300 },
    );
  });
});

describe('rows that cannot be read', () => {
  test('are told by their line in the file, and the others are read', () => {
    const file = 'a,b\n1,"two\nlines"\n3\n\n4,5,6\n"7"x,8\n9,10\n';
    const { rows, tally } = scan(file);
    expect(rows).toEqual([
      ['1', 'two\nlines'],
      ['9', '10'],
    ]);
    expect(tally.rows).toEqual([
      { line: 4, code: 'TOO_FEW_COLUMNS', reason: 'The header has 2 columns, the row 1.', excerpt: '3' },
      { line: 6, code: 'TOO_MANY_COLUMNS', reason: 'The header has 2 columns, the row 3.', excerpt: '4,5,6' },
      { line: 7, code: 'INVALID_QUOTE', reason: 'Something follows the closing quote of a value.', excerpt: '"7"x,8' },
    ]);
    expect(tally).toMatchObject({ accepted: 2, rejected: 3 });
  });

  test('… with each kind of line end', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      expect(scan(['a,b', '1,2', '3', '4,5', '6', ''].join(end)).rejected).toEqual([
        [3, 'TOO_FEW_COLUMNS'],
        [5, 'TOO_FEW_COLUMNS'],
      ]);
    }
  });

  test('… when they are not UTF-8, or hold a NUL', () => {
    const file = Buffer.concat([Buffer.from('a,b\ncaf'), Buffer.from([0xe9]), Buffer.from(',1\nx,\u0000\ncafé,2\n')]);
    const { rows, rejected, tally } = scan(file);
    expect(rows).toEqual([['café', '2']]);
    expect(rejected).toEqual([
      [2, 'INVALID_UTF8'],
      [3, 'INVALID_CHARACTER'],
    ]);
    expect(tally).toMatchObject({ notUtf8: 1, acceptedBeyondAscii: 1 });
    expect(tally.rows.map(({ excerpt }) => excerpt)).toEqual(['caf\ufffd,1', 'x,\u2400']);
  });

  test('… when they are too long, in quotes or not', () => {
    const { rows, rejected } = scan(`a,b\n${'x'.repeat(2000)},1\n"${'y\n'.repeat(1000)}",2\n3,4\n`, { chunks: [100] });
    expect(rows).toEqual([['3', '4']]);
    expect(rejected).toEqual([
      [2, 'TOO_LONG'],
      [3, 'TOO_LONG'],
    ]);
  });

  test('… when the file is cut off in mid-row', () => {
    expect(scan('a,b\n1,2\n3').rejected).toEqual([[3, 'CUT_OFF']]);
    expect(scan('a,b\n1,2\n3,"four').rejected).toEqual([[3, 'UNCLOSED_QUOTE']]);
    // Nothing shows that a last value goes on.
    expect(scan('a,b\n1,2\n3,fo').rows).toEqual([
      ['1', '2'],
      ['3', 'fo'],
    ]);
  });

  test('are all counted, of which the first thousand are kept', () => {
    const { tally } = scan(`a,b\n${'x\n'.repeat(1500)}`);
    expect(tally.rejected).toBe(1500);
    expect(tally.rows).toHaveLength(1000);
    expect(tally.rows.at(-1)?.line).toBe(1001);
  });
});

test('a quote that swallows the rest of a file is told with its line', () => {
  const { rows, unclosed } = scan(`a,b\n1,2\n"3,4\n${'5,6\n'.repeat(2000)}`);
  expect(rows).toEqual([['1', '2']]);
  expect(unclosed).toEqual({ line: 3, linesSwallowed: 2001 });
});
