import { describe, expect, test } from 'vitest';
import { requireFileName } from '../../../src/datasets/file-name.js';
import { checkContent, UploadContentError } from '../../../src/datasets/upload-content.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';

/** Sends bytes in parts of `size`; how much was taken of them, and what was wrong. */
async function send(
  bytes: Uint8Array,
  format: FileFormat,
  size = 1000,
): Promise<{ passed: Buffer; taken: number; code: string | null; message: string | null }> {
  let taken = 0;
  async function* parts() {
    for (let at = 0; at < bytes.length; at += size) {
      const part = bytes.subarray(at, at + size);
      taken += part.length;
      yield part;
    }
  }
  const passed: Uint8Array[] = [];
  try {
    for await (const chunk of checkContent(parts(), format)) passed.push(chunk);
    return { passed: Buffer.concat(passed), taken, code: null, message: null };
  } catch (error) {
    if (!(error instanceof UploadContentError)) throw error;
    const { code, message } = error.problem;
    return { passed: Buffer.concat(passed), taken, code, message };
  }
}

describe('what can be of its format passes, byte by byte', () => {
  test.each<[string, FileFormat, Buffer]>([
    ['CSV', 'CSV', Buffer.from('a,b\n1,2\n')],
    ['CSV with a byte order mark', 'CSV', Buffer.from('\ufeffa,b\nä,日本\n'.repeat(999))],
    ['CSV whose first column is called MZ', 'CSV', Buffer.from('MZ,GIF8\n1,2\n')],
    [
      'CSV with one row in Latin-1 and one with a NUL',
      'CSV',
      Buffer.from(`a\n\xe9\n\0\n${'x\n'.repeat(9999)}`, 'latin1'),
    ],
    ['JSON Lines', 'JSONL', Buffer.from('{"a":"é"}\n'.repeat(999))],
    ['CSV in Latin-1', 'CSV', Buffer.from('caf\xe9,1\n'.repeat(2000), 'latin1')],
    ['CSV in UTF-16', 'CSV', Buffer.from('\ufeffa,b\n'.repeat(3000), 'utf16le')],
    ['CSV in UTF-16 BE without a byte order mark', 'CSV', Buffer.from('a,b\n'.repeat(3000), 'utf16le').swap16()],
    ['CSV in a ZIP archive', 'CSV', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(9000)])],
    ['Parquet in gzip', 'PARQUET', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(9000)])],
    ['Parquet', 'PARQUET', Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(9000, 0xff), Buffer.from('PAR1')])],
  ])('%s', async (_, format, bytes) => {
    for (const size of [1, 3, 1000, 100_000]) {
      const { passed, code } = await send(bytes, format, size);
      expect(code).toBeNull();
      expect(passed.equals(bytes)).toBe(true);
    }
  });

  test('rows in Latin-1 in a file that has UTF-8 too: reading the file tells them', async () => {
    const bytes = Buffer.concat([Buffer.from('é\n'), Buffer.from('\xe9\n'.repeat(5000), 'latin1')]);
    expect((await send(bytes, 'CSV')).code).toBeNull();
  });
});

describe('what can not is refused', () => {
  const million = 1_000_000;

  test.each<[string, FileFormat, Buffer, RegExp]>([
    ['a RAR archive as CSV', 'CSV', Buffer.concat([Buffer.from('Rar!\x1a\x07'), Buffer.alloc(million, 7)]), /RAR/],
    [
      'a tar archive',
      'CSV',
      Buffer.concat([Buffer.alloc(257, 97), Buffer.from('ustar'), Buffer.alloc(million, 97)]),
      /tar/,
    ],
    ['a program', 'JSONL', Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(million, 7)]), /program/],
    ['a Windows program', 'CSV', Buffer.concat([Buffer.from('MZ\x90\0'), Buffer.alloc(million, 7)]), /program/],
    ['a web page', 'CSV', Buffer.from(`\n<!DOCTYPE html><html>${'x'.repeat(million)}`), /web page/],
    ['Parquet as JSON Lines', 'JSONL', Buffer.from(`PAR1${'x'.repeat(million)}PAR1`), /Parquet/],
    ['text as Parquet', 'PARQUET', Buffer.from('a,b\n'.repeat(million / 4)), /something else/],
  ])('%s, by its first 4 KiB', async (_, format, bytes, message) => {
    const refusal = await send(bytes, format, 1024);
    expect(refusal).toMatchObject({ code: 'WRONG_FORMAT', taken: 4096, message: expect.stringMatching(message) });
    expect(refusal.passed).toHaveLength(0);
  });

  test('text that turns binary, after a thousand NULs', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n'.repeat(2000)), Buffer.alloc(million)]);
    const { code, taken, message } = await send(bytes, 'CSV');
    expect([code, message]).toEqual(['WRONG_FORMAT', 'The file is not text: it is full of NUL characters.']);
    // 8000 bytes of text, then the part in which the 1001st NUL is.
    expect(taken).toBe(10_000);
  });

  test('Parquet that was cut off, and nothing at all', async () => {
    expect((await send(Buffer.from(`PAR1${'x'.repeat(9000)}`), 'PARQUET')).code).toBe('INVALID_FILE');
    expect((await send(Buffer.from('PAR1PAR'), 'PARQUET', 1)).code).toBe('INVALID_FILE');
    expect((await send(Buffer.alloc(0), 'CSV')).code).toBe('EMPTY_FILE');
  });
});

describe('the name of a file', () => {
  test.each([
    ['rows.csv', 'rows.csv'],
    [' rows.csv ', 'rows.csv'],
    ['C:\\Users\\me\\rows.csv', 'rows.csv'],
    ['../../etc/passwd', 'passwd'],
    ['日本語 👩‍🔬.jsonl', '日本語 👩‍🔬.jsonl'],
  ])('%s is %s', (told, name) => expect(requireFileName(told)).toBe(name));

  test.each(['', '  ', 'folder/', '..', 'x'.repeat(256), 'a\0.csv', 'a\nb.csv', 'a\u202Evsc.exe', '\ud800.csv'])(
    '%j is refused',
    (told) => expect(() => requireFileName(told)).toThrow(ProblemsError),
  );
});
