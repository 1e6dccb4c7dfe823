import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonLinesScanner } from '../../../gpu-worker/preparation/ingestion/json-lines-scanner.js';
import { RowTally } from '../../../gpu-worker/preparation/ingestion/rejected-rows.js';

function scan(file: string | Uint8Array, chunkBytes = 1 << 16, maxRowBytes = 1000) {
  const tally = new RowTally();
  const scanner = new JsonLinesScanner({ maxRowBytes, maxKeys: 5, lists: [], flatten: false }, tally);
  const bytes = Buffer.from(file);
  const written: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += chunkBytes) {
    scanner.push(bytes.subarray(start, start + chunkBytes));
    written.push(scanner.take());
  }
  scanner.finish();
  written.push(scanner.take());
  const lines = Buffer.concat(written).toString('utf8').split('\n').slice(0, -1);
  return {
    rows: lines.map((line): { n: number; l: number; r: unknown } => JSON.parse(line)),
    rejected: tally.rows.map(({ line, code }) => [line, code]),
    keys: scanner.keys,
    tooManyKeys: scanner.hasTooManyKeys(),
    tally,
  };
}

describe('JsonLinesScanner', () => {
  test('numbers objects by their line, and passes over blank lines', () => {
    const { rows, rejected } = scan('{"a":1}\n\n  \r\n{"a":"x\\n"}\r\n{"b":null}');
    expect(rows).toEqual([
      { n: 0, l: 1, r: { a: 1 } },
      { n: 1, l: 4, r: { a: 'x\n' } },
      { n: 2, l: 5, r: { b: null } },
    ]);
    expect(rejected).toEqual([]);
  });

  test('keeps numbers as they stand', () => {
    const tally = new RowTally();
    const scanner = new JsonLinesScanner({ maxRowBytes: 100, maxKeys: 5, lists: [], flatten: false }, tally);
    scanner.push(Buffer.from('{"id":9007199254740993}\n'));
    expect(Buffer.from(scanner.take()).toString()).toBe('{"n":0,"l":1,"r":{"id":9007199254740993}}\n');
  });

  test('names the numbers that JSON does not know', () => {
    const { tally } = scan('{"a":"NaN","b":[1,NaN]}\n{"a":-Infinity}\n{"a\\"":": NaN",}\n{"a":"NaN"}\n');
    expect(tally.rows.map(({ reason }) => reason)).toEqual([
      'The line is not JSON: NaN is no number of JSON; null stands for a missing one.',
      'The line is not JSON: -Infinity is no number of JSON; null stands for a missing one.',
      expect.stringMatching(/^The line is not JSON: (?!.*is no number of JSON)/),
    ]);
  });

  test('tells the lines that are no objects', () => {
    const file = Buffer.concat([
      Buffer.from('{"a":1}\n[1]\n3\nnull\n"x"\n{"a":}\n{"a":NaN}\n{"a":"'),
      Buffer.from([0xe9]),
      Buffer.from('"}\n{"a":"\\ud800"}\n{"a":"\\u0000"}\n{"a":"\\ud83d\\ude00 \\\\ud800 é"}\n{"a":"cut'),
    ]);
    const { rows, rejected, tally } = scan(file, 3);
    expect(rows.map(({ l }) => l)).toEqual([1, 11]);
    expect(rejected).toEqual([
      [2, 'NOT_AN_OBJECT'],
      [3, 'NOT_AN_OBJECT'],
      [4, 'NOT_AN_OBJECT'],
      [5, 'NOT_AN_OBJECT'],
      [6, 'INVALID_JSON'],
      [7, 'INVALID_JSON'],
      [8, 'INVALID_UTF8'],
      [9, 'INVALID_CHARACTER'],
      [10, 'INVALID_CHARACTER'],
      [12, 'CUT_OFF'],
    ]);
    expect(tally).toMatchObject({ accepted: 2, rejected: 10, notUtf8: 1, acceptedBeyondAscii: 1 });
    expect(tally.rows[0]?.reason).toBe('The line is a list, not an object.');
  });

  test('tells lines that are too long, and goes on after them', () => {
    const { rows, rejected } = scan(`{"a":"${'x'.repeat(5000)}"}\n{"a":1}\n`, 64);
    expect(rejected).toEqual([[1, 'TOO_LONG']]);
    expect(rows).toEqual([{ n: 0, l: 2, r: { a: 1 } }]);
  });

  test('notes what is under each key, in order of first appearance', () => {
    const { keys } = scan('{"b":1,"a":"x"}\n{"a":null,"c":[1],"b":1.5}\n{"d":18446744073709551616,"e":true,"c":{}}\n');
    const kinds = [...keys].map(([key, kind]) => [
      key,
      Object.entries(kind).flatMap(([name, seen]) => (seen ? [name] : [])),
    ]);
    expect(kinds).toEqual([
      ['b', ['integer', 'float']],
      ['a', ['text']],
      ['c', ['nested', 'items']],
      ['d', ['integer', 'longInteger', 'largeInteger']],
      ['e', ['boolean']],
    ]);
  });

  test('knows when there are too many keys', () => {
    expect(scan('{"a":1,"b":1,"c":1,"d":1,"e":1}\n').tooManyKeys).toBe(false);
    expect(scan('{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}\n').tooManyKeys).toBe(true);
  });

  test('gives objects as they went in, however the file is cut into chunks', () => {
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null));
    const objects = fc.array(
      fc.dictionary(fc.constantFrom('a', 'b', 'é', '__proto__x'), value, { noNullPrototype: true }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(objects, fc.integer({ min: 1, max: 9 }), (written, chunkBytes) => {
        const { rows } = scan(written.map((object) => JSON.stringify(object)).join('\n'), chunkBytes);
        expect(rows.map(({ r }) => JSON.stringify(r))).toEqual(
          written
            .filter((object) => !JSON.stringify(object).includes('\\u0000'))
            .map((object) => JSON.stringify(object)),
        );
      }),
    );
  });
});
