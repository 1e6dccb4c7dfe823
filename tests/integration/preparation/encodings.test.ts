import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const latin = (text: string) => Buffer.from(text, 'latin1');
const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => utf16le(text).swap16();

const table = 'text,label\nGrüße aus Köln,ja\nnaïve café,nein\n';
const rows = ['{"text":"Grüße aus Köln","label":"ja"}', '{"text":"naïve café","label":"nein"}'];

describe('a file in another encoding is read', () => {
  test.each<[string, Uint8Array, readonly string[]]>([
    ['UTF-8', Buffer.from(table), []],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${table}`), []],
    ['UTF-16 LE with a byte order mark', utf16le(`\ufeff${table}`), []],
    ['UTF-16 BE with a byte order mark', utf16be(`\ufeff${table}`), []],
    ['UTF-16 LE without one', utf16le(table), ['ENCODING_RECOGNISED']],
    ['UTF-16 BE without one', utf16be(table), ['ENCODING_RECOGNISED']],
    ['Latin-1, or Windows-1252', latin(table), ['ENCODING_RECOGNISED']],
  ])('%s', async (_name, file, notices) => {
    const version = await workshop.read(file, 'CSV');
    expect(version.written).toEqual(rows);
    expect(version.rejectedCount).toBe(0);
    expect(version.notices.map(({ code }) => code)).toEqual(notices);
  });

  test('the quotes and dashes of Windows-1252, which Latin-1 lacks', async () => {
    const file = Buffer.concat([
      Buffer.from('text\nTr'),
      Buffer.from([0xe8]),
      Buffer.from('s '),
      Buffer.from([0x93]),
      Buffer.from('bon'),
      Buffer.from([0x94, 0x20, 0x96, 0x20, 0x35, 0x80]),
      Buffer.from('\n'),
    ]);
    const { written, notices } = await workshop.read(file, 'CSV');
    expect(written).toEqual(['{"text":"Très “bon” – 5€"}']);
    expect(notices[0]!.message).toContain('windows-1252');
  });

  test('Japanese, which is recognised', async () => {
    // As Python's codecs write “この映画はとても面白かったです”.
    const hex = '82b182cc896689e682cd82c682c482e096ca94928 2a982c182bd82c582b7'.replace(' ', '');
    const file = Buffer.concat([Buffer.from('text,label\n'), Buffer.from(hex, 'hex'), Buffer.from(',1\n')]);
    expect((await workshop.read(file, 'CSV')).written).toEqual(['{"text":"この映画はとても面白かったです","label":1}']);
  });

  test('JSON Lines too', async () => {
    expect((await workshop.read(utf16le('\ufeff{"a":"é"}\n'), 'JSONL')).written).toEqual(['{"a":"é"}']);
  });

  test('as the options say, over what is recognised', async () => {
    // 0xb1 is “ą” in ISO 8859-2, and “±” in Windows-1252.
    const file = latin('text,label\nz \xb1 w,1\n');
    const { written, notices } = await workshop.read(file, 'CSV', { options: { encoding: 'latin2' } });
    expect(written).toEqual(['{"text":"z ą w","label":1}']);
    expect(notices).toEqual([]);
  });

  test('with characters that are none in the given encoding, which are told', async () => {
    const { written, notices } = await workshop.read(latin('text\na\xe9b\nc\n'), 'CSV', {
      options: { encoding: 'utf-8' },
    });
    // Given as UTF-8, its lines are rejected as any that are not.
    expect(written).toEqual(['{"text":"c"}']);
    expect(notices).toEqual([]);
    const japanese = await workshop.read(latin('text\na\xffb\nc\n'), 'CSV', { options: { encoding: 'euc-jp' } });
    expect(japanese.written).toEqual(['{"text":"a\ufffdb"}', '{"text":"c"}']);
    expect(japanese.notices.map(({ code }) => code)).toEqual(['UNREADABLE_CHARACTERS']);
  });
});

describe('a file whose lines differ', () => {
  const mixed = Buffer.concat([
    Buffer.from('text,label\n'),
    Buffer.from('Köln,1\n'.repeat(20)),
    latin('Grüße,2\n'),
    Buffer.from('Zürich,1\n'),
  ]);

  test('stays UTF-8: its other lines are rejected, and told', async () => {
    const { exampleCount, rejectedRows, notices } = await workshop.read(mixed, 'CSV');
    expect(exampleCount).toBe(21);
    expect(rejectedRows).toMatchObject([{ line: 22, code: 'INVALID_UTF8' }]);
    expect(notices).toEqual([
      {
        code: 'MIXED_ENCODINGS',
        message:
          'One line is not UTF-8, as the rest of the file is: the first is line 22. They look like windows-1252. Their rows are rejected, unless `fileOptions: { otherLinesEncoding: "windows-1252" }` names their encoding.',
      },
    ]);
  });

  test('is read whole where the encoding of the others is given', async () => {
    const options = { otherLinesEncoding: 'windows-1252' };
    const { exampleCount, columns, notices } = await workshop.read(mixed, 'CSV', { options });
    expect(exampleCount).toBe(22);
    expect(columns[0]!.labels).toEqual([
      { label: 'Köln', count: 20 },
      { label: 'Grüße', count: 1 },
      { label: 'Zürich', count: 1 },
    ]);
    expect(notices.map(({ code }) => code)).toEqual(['MIXED_ENCODINGS']);
  });
});

describe('UTF-8 is not taken for another encoding', () => {
  test.each([
    'Ã©Ã¨ is what a file looks like that was decoded wrongly',
    'ÄÖÜ',
    '日本語のテキスト',
    '🙂',
    'Зажёлтый текст',
    '\u0080\u009f',
  ])('%s', async (text) => {
    const { written, notices } = await workshop.read(`text\n${text}\nplain\n`, 'CSV');
    expect(written[0]).toBe(JSON.stringify({ text }));
    expect(notices).toEqual([]);
  });
});

test('an encoding that is not recognised is asked for', async () => {
  const czech = latin(
    'P\xf8\xedli\x9a \x9elu\x9dou\xe8k\xfd k\xf9\xf2 \xfap\xecl \xef\xe1belsk\xe9 \xf3dy\n'.repeat(12),
  );
  const [found] = await workshop.problemsOf(Buffer.concat([Buffer.from('text\n'), czech]), 'CSV');
  expect(found).toMatchObject({ code: 'WRONG_FORMAT', message: 'The file is not UTF-8.' });
  expect(found!.hint).toContain('fileOptions: { encoding: … }');
});

test.each([
  [{ encoding: 'klingon' }, 'fileOptions.encoding', '“klingon” is no encoding of the Encoding Standard.'],
  [
    { encoding: 'utf-8', otherLinesEncoding: 'latin1' },
    'fileOptions.otherLinesEncoding',
    'The lines that are not UTF-8 have an encoding of their own only where the file is UTF-8.',
  ],
])('options %j are refused', async (options, path, message) => {
  expect(await workshop.problemsOf('a\n1\n', 'CSV', { options })).toMatchObject([
    { path, code: 'INVALID_VALUE', message },
  ]);
});
