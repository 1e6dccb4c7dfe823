import { type InputProblem, problem } from '../problems/problem.js';
import type { UploadFormat } from '../protocol/datasets/split-request.js';

/** How many bytes of a file's beginning checkSignature needs. */
export const signatureBytes = 4096;

interface Signature {
  readonly what: string;
  readonly bytes: readonly number[];
  readonly hint: string;
  /** Offset of the bytes; by default 0. */
  readonly offset?: number;
  /** The bytes are letters that may also begin a text, so a NUL must follow. */
  readonly alsoText?: true;
}

const unpack = 'Unpack it, and upload the file inside: as it is, or as gzip, Zstandard or ZIP.';
const exportText = 'Export the data as CSV, TSV, JSON, Parquet or .xlsx.';
const binaryHint =
  'Read are CSV, TSV, JSON Lines, JSON, CoNLL, Excel (.xlsx) and Parquet, plain or packed with gzip, Zstandard or ZIP. Export the data in one of them.';
const noData = 'Upload a file of data: CSV, TSV, JSON, Parquet or .xlsx.';
const otherFormat = 'Create the upload with the format that the file has, or without one: then it is found.';
const saveAsUtf8 = 'Save the file as UTF-8.';
const parquet: Signature = {
  what: 'Parquet',
  bytes: [0x50, 0x41, 0x52, 0x31],
  hint: 'Create the upload with format PARQUET.',
};

const ascii = (text: string): readonly number[] => [...Buffer.from(text, 'latin1')];

const signatures: readonly Signature[] = [
  { what: 'xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], hint: unpack },
  { what: 'bzip2', bytes: [0x42, 0x5a, 0x68], hint: unpack },
  { what: 'a 7z archive', bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], hint: unpack },
  { what: 'a RAR archive', bytes: ascii('Rar!\x1a\x07'), hint: unpack },
  { what: 'a tar archive', bytes: ascii('ustar'), offset: 257, hint: unpack },
  { what: 'PDF', bytes: [0x25, 0x50, 0x44, 0x46], hint: exportText },
  { what: 'a PNG image', bytes: [0x89, 0x50, 0x4e, 0x47], hint: exportText },
  { what: 'a JPEG image', bytes: [0xff, 0xd8, 0xff], hint: exportText },
  { what: 'a GIF image', bytes: ascii('GIF8'), alsoText: true, hint: exportText },
  { what: 'a program', bytes: ascii('\x7fELF'), hint: noData },
  { what: 'a program', bytes: ascii('MZ'), alsoText: true, hint: noData },
  { what: 'a program', bytes: [0xcf, 0xfa, 0xed, 0xfe], hint: noData },
  { what: 'a program', bytes: [0xca, 0xfe, 0xba, 0xbe], hint: noData },
  { what: 'an old Excel file', bytes: [0xd0, 0xcf, 0x11, 0xe0], hint: exportText },
  { what: 'a SQLite database', bytes: ascii('SQLite format 3'), hint: exportText },
  { what: 'an Arrow file', bytes: ascii('ARROW1\0\0'), hint: exportText },
  { what: 'an Avro file', bytes: ascii('Obj\x01'), hint: exportText },
  { what: 'an ORC file', bytes: ascii('ORC'), alsoText: true, hint: exportText },
  { what: 'an HDF5 file', bytes: ascii('\x89HDF\r\n\x1a\n'), hint: exportText },
  { what: 'a NumPy array', bytes: ascii('\x93NUMPY'), hint: exportText },
  { what: 'text in UTF-32', bytes: [0xff, 0xfe, 0x00, 0x00], hint: saveAsUtf8 },
];

const lineFeed = 0x0a;

/** UTF-8's byte order mark, which some programs write before text. */
const byteOrderMark = [0xef, 0xbb, 0xbf] as const;

/**
 * The problem of a file whose first and last bytes do not fit the format that its upload declared; null: they fit, or
 * the file is packed.
 *
 * @param head the first `signatureBytes`, or the whole file if it is shorter
 * @param tail the last 4 bytes
 */
export function checkSignature(
  head: Uint8Array,
  tail: Uint8Array,
  format: UploadFormat,
  path: readonly string[],
): InputProblem | null {
  if (containerOf(head) !== null) return null;
  return checkHead(head, format, path) ?? checkTail(tail, format, path);
}

/** @param head the first `signatureBytes`, or the whole file if it is shorter */
export function checkHead(head: Uint8Array, format: UploadFormat, path: readonly string[]): InputProblem | null {
  if (containerOf(head) !== null) return null;
  const not = format === 'AUTO' ? 'which is no format of rows' : `not ${format}`;
  const wrong = (what: string, hint: string) => problem(path, 'WRONG_FORMAT', `The file is ${what}, ${not}.`, hint);
  if (head.length === 0) return emptyFile(path);
  if ((format === 'PARQUET' || format === 'AUTO') && begins(head, parquet)) return null;
  const found = [parquet, ...signatures].find((signature) => begins(head, signature));
  if (found !== undefined) return wrong(found.what, found.hint);
  if (format === 'PARQUET' || format === 'EXCEL') return wrong('something else', otherFormat);
  const isUtf16 = (readByteOrderMark(head)?.name ?? utf16Of(head) ?? 'utf-8') !== 'utf-8';
  if (!isUtf16 && isBinary(head)) {
    const message = `The file is no text${format === 'AUTO' ? '' : `, and so not ${format}`}, and none of the formats that are read.`;
    return problem(path, 'WRONG_FORMAT', message, binaryHint);
  }
  const text = Buffer.from(withoutByteOrderMark(head)).toString('latin1').trimStart();
  if (/^<(!doctype html|html)/i.test(text)) return wrong('a web page', `${noData} Was a download refused?`);
  if (format === 'JSON' && !isUtf16 && !/^[[{]/.test(text)) return wrong('something else', otherFormat);
  if (format === 'JSONL' && text.startsWith('[')) {
    return wrong(
      'a JSON list',
      'Create the upload with format JSON, or write one object on each line, without enclosing brackets and commas.',
    );
  }
  return null;
}

/** @param tail the last 4 bytes */
export function checkTail(tail: Uint8Array, format: UploadFormat, path: readonly string[]): InputProblem | null {
  if (format !== 'PARQUET' || begins(tail, parquet)) return null;
  return problem(
    path,
    'INVALID_FILE',
    'The end of the Parquet file is missing: the file was cut off.',
    'Upload the file again.',
  );
}

/**
 * Whether bytes are no text of any encoding but UTF-16: many are controls, of many kinds. Text has a few at most (a
 * delimiter such as Ctrl-A, escapes of ISO-2022-JP, a stray NUL); of random bytes one in ten is one.
 */
function isBinary(head: Uint8Array): boolean {
  const controls = head.filter((byte) => (byte < 0x20 && !controlsOfText.has(byte)) || byte === 0x7f);
  return controls.length >= 0.02 * head.length && new Set(controls).size >= controlsOfBinary;
}

/** Tab, line feed, vertical tab, form feed, carriage return, and the escape of ISO-2022. */
const controlsOfText: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b]);
const controlsOfBinary = 8;

function emptyFile(path: readonly string[]): InputProblem {
  return problem(path, 'EMPTY_FILE', 'The file is empty.', 'Upload a file with a header and at least one row.');
}

export function withoutByteOrderMark(head: Uint8Array): Uint8Array {
  return beginsWith(head, byteOrderMark) ? head.subarray(byteOrderMark.length) : head;
}

function begins(bytes: Uint8Array, { bytes: signature, offset = 0, alsoText }: Signature): boolean {
  return beginsWith(bytes.subarray(offset), signature) && (alsoText !== true || bytes.includes(0));
}

function beginsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.length <= bytes.length && signature.every((byte, index) => bytes[index] === byte);
}

/**
 * Text in UTF-16 without a byte order mark: its line feeds, digits and other characters of ASCII have a NUL each, all
 * at even or all at odd places. In other text NUL is rare, and its line feeds have none beside them.
 */
export function utf16Of(head: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const nuls = [0, 0];
  for (const [index, byte] of head.entries()) if (byte === 0) nuls[index % 2]! += 1;
  const [even, odd] = nuls as [number, number];
  if (Math.min(even, odd) !== 0 || Math.max(even, odd) <= 0.05 * (head.length / 2)) return null;
  let [feeds, whole] = [0, 0];
  for (let at = head.indexOf(lineFeed); at !== -1; at = head.indexOf(lineFeed, at + 1)) {
    feeds++;
    if (head[even > 0 ? at - 1 : at + 1] === 0) whole++;
  }
  if (whole < feeds / 2) return null;
  return even > 0 ? 'utf-16be' : 'utf-16le';
}

/** What a file may be packed in. */
export type Container = 'GZIP' | 'ZSTD' | 'ZIP';

const containers: readonly (readonly [Container, readonly number[]])[] = [
  ['GZIP', [0x1f, 0x8b]],
  ['ZSTD', [0x28, 0xb5, 0x2f, 0xfd]],
  ['ZIP', [0x50, 0x4b, 0x03, 0x04]],
  // An archive without entries.
  ['ZIP', [0x50, 0x4b, 0x05, 0x06]],
];

/** By the first four bytes; null: the file is not packed. */
export function containerOf(head: Uint8Array): Container | null {
  return containers.find(([, bytes]) => beginsWith(head, bytes))?.[0] ?? null;
}

/** The encodings that have byte order marks. */
const marks = [
  ['utf-8', byteOrderMark],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
] as const;

/** The encoding that a text file names by its first bytes, and how many these are; null: it names none. */
export function readByteOrderMark(head: Uint8Array): { readonly name: string; readonly bytes: number } | null {
  for (const [name, bytes] of marks) if (beginsWith(head, bytes)) return { name, bytes: bytes.length };
  return null;
}
