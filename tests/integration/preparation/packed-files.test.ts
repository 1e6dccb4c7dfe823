import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FileWorkshop, openFileWorkshop } from '../../support/ingested-file.js';
import { renamed, zipOf } from '../../support/zip-file.js';

let workshop: FileWorkshop;
beforeAll(async () => {
  workshop = await openFileWorkshop();
});
afterAll(() => workshop[Symbol.asyncDispose]());

const table = 'text,label\na,1\nb,2\n';
/** `printf 'text,label\na,1\nb,2\n' | zstd -19` */
const zstdTable = Buffer.from('28b52ffd0468990000746578742c6c6162656c0a612c310a622c320a6a73049c', 'hex');
const rows = ['{"text":"a","label":1}', '{"text":"b","label":2}'];

const codes = (notices: readonly { code: string }[]) => notices.map(({ code }) => code);

describe('a compressed file', () => {
  test.each<[string, Uint8Array]>([
    ['gzip', gzipSync(table)],
    ['two gzip files, one after another', Buffer.concat([gzipSync('text,label\na,1\n'), gzipSync('b,2\n')])],
    ['Zstandard', zstdTable],
    ['Zstandard in gzip', gzipSync(zstdTable)],
  ])('%s: is unpacked', async (_name, file) => {
    const { written, notices } = await workshop.read(file, 'CSV');
    expect(written).toEqual(rows);
    expect(notices).toEqual([]);
  });

  test('holds Parquet and JSON Lines as well', async () => {
    expect((await workshop.read(gzipSync('{"a":1}\n{"a":2}\n'), 'JSONL')).written).toEqual(['{"a":1}', '{"a":2}']);
  });

  test.each<[string, Uint8Array, string]>([
    ['gzip', gzipSync(table).subarray(0, -4), 'The gzip file can not be unpacked: it was cut off.'],
    ['Zstandard', zstdTable.subarray(0, -6), 'The Zstandard file can not be unpacked: it was cut off.'],
  ])('%s: that was cut off is refused', async (_name, file, message) => {
    expect(await workshop.problemsOf(file, 'CSV')).toMatchObject([{ code: 'INVALID_FILE', message }]);
  });

  test.each<[string, Uint8Array, number]>([
    ['gzip', gzipSync(table), 15],
    // A letter of the text, which only the checksum tells.
    ['Zstandard', zstdTable, 12],
  ])('%s: that is damaged is refused', async (_name, file, place) => {
    const damaged = Buffer.from(file);
    damaged[place] = damaged[place]! ^ 0x01;
    const [found] = await workshop.problemsOf(damaged, 'CSV');
    expect(found).toMatchObject({ code: 'INVALID_FILE', path: 'uploadId' });
    expect(found!.message).toContain('can not be unpacked: it is damaged.');
  });

  test('that holds nothing is empty', async () => {
    expect(await workshop.problemsOf(gzipSync(''), 'CSV')).toMatchObject([{ code: 'EMPTY_FILE' }]);
  });

  test('inside of two others is refused', async () => {
    const [found] = await workshop.problemsOf(gzipSync(gzipSync(gzipSync(table))), 'CSV');
    expect(found).toMatchObject({ code: 'INVALID_FILE', message: 'The upload has archives inside of archives.' });
  });
});

describe('a ZIP archive', () => {
  test('of one file is that file', async () => {
    expect((await workshop.read(await zipOf({ 'data/table.csv': table }), 'CSV')).written).toEqual(rows);
  });

  test('of files with the same columns has the rows of all, in the order of their paths', async () => {
    const zip = await zipOf({ 'b.csv': 'label,text\n1.5,c\n', 'a.csv': table, 'README.md': '# Data' });
    const { written, types, notices, exampleCount } = await workshop.read(zip, 'CSV');
    expect(written).toEqual(['{"text":"a","label":1}', '{"text":"b","label":2}', '{"text":"c","label":1.5}']);
    expect(types).toEqual(['TEXT', 'FLOAT']);
    expect(exampleCount).toBe(3);
    expect(notices).toEqual([
      { code: 'ARCHIVED_FILES_SKIPPED', message: 'Of the archive, these were not read: “README.md”.' },
      {
        code: 'ARCHIVED_FILES_JOINED',
        message: 'The rows of 2 files stand one after another: “a.csv” (2), “b.csv” (1).',
      },
    ]);
  });

  test('keeps the texts of numbers by which classes are named', async () => {
    const zip = await zipOf({ 'a.csv': 'label\n1\n2\n', 'b.csv': 'label\n1.50\n1\n' });
    const [label] = (await workshop.read(zip, 'CSV')).columns;
    expect(label!.labels).toEqual([
      { label: '1', count: 2 },
      { label: '1.50', count: 1 },
      { label: '2', count: 1 },
    ]);
  });

  test('of files with different columns is refused, unless some are chosen', async () => {
    const zip = await zipOf({ 'train.csv': table, 'labels.csv': 'id,name\n1,x\n' });
    const [found] = await workshop.problemsOf(zip, 'CSV');
    expect(found).toMatchObject({
      code: 'INVALID_FILE',
      message:
        'The files of the archive have different columns: “train.csv” lacks “id”, “name” and has also “text”, “label”, beside “labels.csv”.',
    });
    const chosen = await workshop.read(zip, 'CSV', { options: { archivedFiles: ['train.csv'] } });
    expect(chosen.written).toEqual(rows);
    expect(chosen.notices).toEqual([]);
    expect(await workshop.problemsOf(zip, 'CSV', { options: { archivedFiles: ['test.csv'] } })).toMatchObject([
      {
        path: 'fileOptions.archivedFiles.0',
        code: 'NOT_FOUND',
        message: 'The archive has no file “test.csv”.',
        hint: 'It has “train.csv”, “labels.csv”.',
      },
    ]);
  });

  test('names the file in which rows and files are at fault', async () => {
    const zip = await zipOf({ 'a.csv': 'text,label\na,1\nb\n', 'b.csv': table });
    const { rejectedRows } = await workshop.read(zip, 'CSV');
    expect(rejectedRows).toMatchObject([{ line: 3, reason: 'a.csv: The header has 2 columns, the row 1.' }]);
    const [found] = await workshop.problemsOf(await zipOf({ 'a.csv': table, 'b.csv': 'text,label\n' }), 'CSV');
    expect(found).toMatchObject({ code: 'EMPTY_FILE', message: 'b.csv: The file has no rows.' });
  });

  test('skips what macOS and Windows add', async () => {
    const zip = await zipOf({
      '__MACOSX/._table.csv': '\0\u0005\u0016\u0007',
      'data/._table.csv': '\0\u0005\u0016\u0007',
      'data/.DS_Store': '\0\0\0\u0001Bud1',
      'data/table.csv': table,
    });
    const { written, notices } = await workshop.read(zip, 'CSV');
    expect(written).toEqual(rows);
    expect(codes(notices)).toEqual(['ARCHIVED_FILES_SKIPPED']);
    expect(notices[0]!.message).toContain('“data/.DS_Store”');
  });

  test('may hold files that are compressed by themselves, but no archives', async () => {
    expect((await workshop.read(await zipOf({ 'a.csv.gz': gzipSync(table) }), 'CSV')).written).toEqual(rows);
    const [found] = await workshop.problemsOf(await zipOf({ 'a.zip': await zipOf({ 'a.csv': table }) }), 'CSV');
    expect(found).toMatchObject({ code: 'INVALID_FILE', message: 'The upload has archives inside of archives.' });
  });

  test.each([
    ['aaa/table.csv', '../../abc.csv'],
    ['aaa/table.csv', '/etc/passwd.c'],
    ['aaa/table.csv', 'a/../../b.csv'],
    ['aaa/table.csv', 'C:/table.csv2'],
  ])('whose path %s became %s is refused', async (from, to) => {
    const [found] = await workshop.problemsOf(renamed(await zipOf({ [from]: table }), from, to), 'CSV');
    expect(found).toMatchObject({
      code: 'INVALID_FILE',
      message: `The ZIP archive names a file outside of itself: “${to}”.`,
    });
  });

  test('that is encrypted is refused', async () => {
    const zip = await zipOf({ 'table.csv': table });
    // The first bit of the flags, in the header of the file and in the directory.
    zip[6] = zip[6]! | 1;
    const directory = zip.indexOf('PK\u0001\u0002');
    zip[directory + 8] = zip[directory + 8]! | 1;
    expect(await workshop.problemsOf(zip, 'CSV')).toMatchObject([
      { code: 'INVALID_FILE', message: '“table.csv” in the ZIP archive is encrypted.' },
    ]);
  });

  test('that is damaged is refused: its end, and a byte of its data', async () => {
    const zip = await zipOf({ 'table.csv': table.repeat(50) });
    expect(await workshop.problemsOf(zip.subarray(0, -10), 'CSV')).toMatchObject([{ code: 'INVALID_FILE' }]);
    const flipped = Buffer.from(zip);
    flipped[45] = flipped[45]! ^ 0x10;
    expect(await workshop.problemsOf(flipped, 'CSV')).toMatchObject([{ code: 'INVALID_FILE' }]);
  });

  test('without files is empty', async () => {
    expect(await workshop.problemsOf(await zipOf({}), 'CSV')).toMatchObject([
      { code: 'EMPTY_FILE', message: 'The archive has no files.' },
    ]);
  });

  test.each([
    ['word/document.xml', 'a Word document'],
    ['xl/workbook.bin', 'a binary Excel workbook'],
  ])('of Office with %s is refused as %s', async (name, what) => {
    const zip = await zipOf({ '[Content_Types].xml': '<Types/>', [name]: '<x/>' });
    expect(await workshop.problemsOf(zip, 'CSV')).toMatchObject([
      { code: 'WRONG_FORMAT', message: `The file is ${what}.` },
    ]);
  });
});

describe('a bomb is refused', () => {
  const zeros = Buffer.alloc(20 * 2 ** 20, 'a,b\n');
  const limits = { maxBytes: 2 ** 30, maxRatio: 100, freeBytes: 2 ** 20, maxEntries: 10 };

  test.each<[string, () => Uint8Array | Promise<Uint8Array>]>([
    ['gzip', () => gzipSync(zeros)],
    ['ZIP', () => zipOf({ 'a.csv': zeros })],
    ['gzip in ZIP', async () => zipOf({ 'a.csv.gz': gzipSync(zeros) })],
  ])('%s', async (_name, make) => {
    const problems = await workshop.problemsOf(await make(), 'CSV', { unpackLimits: limits });
    expect(problems).toMatchObject([{ code: 'TOO_LARGE', path: 'uploadId' }]);
    expect(problems[0]!.message).toContain('unpack to more than 100 times as much');
  });

  test('by its size alone', async () => {
    const unpackLimits = { ...limits, maxRatio: 1e6, maxBytes: 10 * 2 ** 20 };
    expect(await workshop.problemsOf(gzipSync(zeros), 'CSV', { unpackLimits })).toMatchObject([
      { code: 'TOO_LARGE', message: 'Unpacked, the file has more than 10 MiB.' },
    ]);
  });

  test('by its number of files', async () => {
    const files = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`${index}.csv`, table]));
    expect(await workshop.problemsOf(await zipOf(files), 'CSV', { unpackLimits: limits })).toMatchObject([
      { code: 'INVALID_FILE', message: 'The ZIP archive has 11 entries; at most 10 are read.' },
    ]);
  });
});
