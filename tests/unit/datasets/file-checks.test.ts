import { describe, expect, test } from 'vitest';
import { checkColumnNames } from '../../../gpu-worker/preparation/ingestion/column-names.js';
import { checkSignature, utf16Of } from '../../../src/preparation/file-signature.js';
import type { UploadFormat } from '../../../src/protocol/datasets/split-request.js';

const path = ['uploadId'];

test.each<[string | null, Uint8Array]>([
  ['utf-16le', Buffer.from('a,b\n1,2\n', 'utf16le')],
  ['utf-16le', Buffer.from('текст,метка\nкупите сейчас,да\nвстреча в среду,нет\n', 'utf16le')],
  ['utf-16be', Buffer.from('文章,ラベル\n今日は天気がいい,天気\n', 'utf16le').swap16()],
  [null, Buffer.from('文章,ラベル\n今日は天気がいい,天気\n')],
  [null, Buffer.from('a,b\n1,\0x\n2,\0x\n')],
])('text looks like %s by its NULs', (name, bytes) => expect(utf16Of(bytes)).toBe(name));

describe('checkColumnNames', () => {
  const codes = (names: readonly string[]) => checkColumnNames(names, path).map(({ message }) => message);

  test('accepts what SQL needs quotes for', () => {
    expect(codes(['select', 'a"b', "c'd", 'é', '1', 'a b', 'x/y~z'])).toEqual([]);
  });

  test('tells every name that cannot be used', () => {
    expect(codes(['Text', 'text', ' ', '__attune_row', '__ATTUNE_SPLIT', 'a\tb', 'x'.repeat(201)])).toEqual([
      'Columns 1 and 2 have the same name, “Text”.',
      'Column 3 has no name.',
      'The name “__attune_row” of column 4 is reserved.',
      'The name “__ATTUNE_SPLIT” of column 5 is reserved.',
      'The name of column 6 has a line end or another control character.',
      'The name of column 7 is longer than 200 characters.',
    ]);
  });

  test('has a limit on columns', () => {
    expect(
      checkColumnNames(
        Array.from({ length: 1000 }, (_, index) => `c${index}`),
        path,
      ),
    ).toEqual([]);
    expect(codes(Array.from({ length: 1001 }, (_, index) => `c${index}`))).toEqual([
      'The file has more than 1000 columns.',
    ]);
  });
});

describe('checkSignature', () => {
  const check = (bytes: Uint8Array, format: UploadFormat = 'CSV') =>
    checkSignature(bytes, bytes.subarray(-4), format, path);

  test.each<[string, Uint8Array]>([
    ['PDF', Buffer.from('%PDF-1.7')],
    ['a PNG image', Buffer.from([0x89, 0x50, 0x4e, 0x47])],
    ['Parquet', Buffer.from('PAR1xxxxPAR1')],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])],
    ['a tar archive', Buffer.concat([Buffer.alloc(257, 97), Buffer.from('ustar')])],
  ])('finds %s', (what, bytes) => {
    const found = check(bytes);
    expect(found?.code).toBe('WRONG_FORMAT');
    expect(found?.message).toContain(what);
    expect(found?.hint).not.toBeNull();
  });

  test('finds a list where lines of objects should be', () => {
    expect(check(Buffer.from('\ufeff [\n{"a":1}]'), 'JSONL')?.message).toBe('The file is a JSON list, not JSONL.');
  });

  test('tells bytes that are no text from text with a few controls', () => {
    // A generator of the numerical recipes, whose high bytes have no order.
    let state = 7;
    const random = Uint8Array.from({ length: 4096 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
    for (const format of ['CSV', 'AUTO', 'JSONL'] as const) {
      expect(check(random, format)).toMatchObject({
        code: 'WRONG_FORMAT',
        message: expect.stringContaining('no text'),
        hint: expect.stringContaining('Parquet'),
      });
    }
    const texts = [
      'text\u0001label\nGood film\u0001pos\nBad\u0000film\u0001neg\n',
      'text,label\n\u001b$B$3$s$K$A$O\u001b(B,a\n',
      'text,label\r\n\u0002\u0003,\u0007\r\n\ta,b\n',
    ];
    for (const text of texts) expect(check(Buffer.from(text), 'AUTO')).toBeNull();
    expect(check(Buffer.from('text,label\nGr\u00fc\u00dfe,a\n', 'utf16le'), 'AUTO')).toBeNull();
  });

  test('finds an empty file, and a Parquet file without its end', () => {
    expect(check(Buffer.alloc(0))?.code).toBe('EMPTY_FILE');
    expect(check(Buffer.from('PAR1 and then'), 'PARQUET')?.code).toBe('INVALID_FILE');
    expect(check(Buffer.from('a,b\n'), 'PARQUET')?.code).toBe('WRONG_FORMAT');
  });

  test('accepts what is packed, whatever its format', () => {
    for (const start of [[0x1f, 0x8b, 8, 0], [0x28, 0xb5, 0x2f, 0xfd], [...Buffer.from('PK\u0003\u0004')]]) {
      expect(check(Buffer.from(start))).toBeNull();
      expect(check(Buffer.from(start), 'PARQUET')).toBeNull();
    }
  });

  test('accepts text, with a byte order mark and beyond ASCII too', () => {
    expect(check(Buffer.from('a,b\nsome text with a stray \0,and another\n'))).toBeNull();
    expect(check(Buffer.from('\ufeffa,b\n日本,é\n'))).toBeNull();
    expect(check(Buffer.from('PAR1xxxxPAR1'), 'PARQUET')).toBeNull();
  });
});
