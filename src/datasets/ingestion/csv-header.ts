import { isUtf8 } from 'node:buffer';
import { type InputProblem, problem } from '../../problems/problem.js';
import type { CsvDialect } from './csv-scanner.js';

export interface CsvHeader {
  readonly dialect: CsvDialect;
  readonly names: readonly string[];
}

/** Preferred first where two divide the header into as many columns. */
const delimiters = [',', ';', '\t', '|'] as const;

const delimiterBytes: ReadonlySet<number> = new Set(delimiters.map((delimiter) => delimiter.charCodeAt(0)));

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;

/**
 * The first row of a delimited file. The delimiter of a CSV file is the one that divides it into most columns; a TSV file has
 * tabs and, as IANA defines it, no quotes: tab-separated text with quotes is read as CSV.
 *
 * @param head the file's beginning without byte order mark: all of it, or at least as long as a header may be
 */
export function readCsvHeader(
  head: Uint8Array,
  format: 'CSV' | 'TSV',
  path: readonly string[],
): CsvHeader | InputProblem {
  const quoted = format === 'CSV';
  const row = head.subarray(0, endOfFirstRow(head, quoted));
  if (!isUtf8(row)) return notUtf8(path);
  const text = Buffer.from(row).toString('utf8');
  if (text.trim() === '') {
    return problem(path, 'INVALID_FILE', 'The first line is blank.', 'The first line must name the columns.');
  }
  if (!quoted) return { dialect: { delimiter: '\t'.charCodeAt(0), quoted }, names: text.split('\t') };
  const candidates = delimiters.map((delimiter) => ({ delimiter, names: splitRow(text, delimiter) }));
  const { delimiter, names } = candidates.reduce((best, each) => (each.names.length > best.names.length ? each : best));
  return { dialect: { delimiter: delimiter.charCodeAt(0), quoted }, names };
}

/** A file in another encoding than UTF-8. */
export function notUtf8(path: readonly string[]): InputProblem {
  return problem(
    path,
    'WRONG_FORMAT',
    'The file is not UTF-8.',
    'It looks like Latin-1 or Windows-1252: save it as UTF-8, e.g. with `iconv -f WINDOWS-1252 -t UTF-8`.',
  );
}

/** A quote opens a quoted name only where a name begins: after any of the delimiters, as it is not yet known which. */
function endOfFirstRow(bytes: Uint8Array, quoted: boolean): number {
  let inQuotes = false;
  let atBeginning = true;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (inQuotes) inQuotes = byte !== quote;
    else if (byte === lineFeed || byte === carriageReturn) return i;
    // A doubled quote within quotes closes and opens again.
    else if (byte === quote && quoted) inQuotes = atBeginning || bytes[i - 1] === quote;
    atBeginning = delimiterBytes.has(byte);
  }
  return bytes.length;
}

/** Fields of one row, by the same rules as CsvScanner. */
function splitRow(row: string, delimiter: string): string[] {
  const fields: string[] = [];
  let position = 0;
  while (true) {
    if (row[position] === '"') {
      let field = '';
      position++;
      while (position < row.length) {
        const close = row.indexOf('"', position);
        const end = close === -1 ? row.length : close;
        field += row.slice(position, end);
        position = end + 1;
        if (row[position] !== '"') break;
        field += '"';
        position++;
      }
      const next = row.indexOf(delimiter, position);
      fields.push(field + row.slice(position, next === -1 ? row.length : next));
      position = next;
    } else {
      const next = row.indexOf(delimiter, position);
      fields.push(row.slice(position, next === -1 ? row.length : next));
      position = next;
    }
    if (position === -1) return fields;
    position += delimiter.length;
  }
}
