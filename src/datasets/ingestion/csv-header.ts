import { isUtf8 } from 'node:buffer';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { type DelimitedOptions, namesPath } from '../file-options.js';
import { checkColumnNames } from './column-names.js';
import type { CsvDialect } from './csv-scanner.js';

/** The layout of a delimited file, known before its rows are read. */
export interface CsvLayout {
  readonly dialect: CsvDialect;
  /** Whether the first row is the header. */
  readonly header: boolean;
  readonly names: readonly string[];
  /** Why this number of columns is expected, in words. */
  readonly columnsExpected: string;
}

/** In order of preference, if two divide the header into equally many columns. */
const delimiters = [',', ';', '\t', '|'] as const;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;

export interface CsvLayoutRequest {
  readonly format: 'CSV' | 'TSV';
  readonly options: DelimitedOptions | null;
  /** Whether the head is the whole file. */
  readonly isWholeFile: boolean;
  /** The path of problems with the file in the mutation's input. */
  readonly path: readonly string[];
}

const usual: DelimitedOptions = { header: true, names: null, delimiter: null };

/**
 * Finds a delimited file's columns from its first row. Unless the options name the delimiter, a CSV file has the
 * delimiter that divides its header into the most columns. A first row of data would be an unreliable witness, so
 * without a header it is a comma. A TSV file has tabs and, as IANA defines it, no quotes: tab-separated text with
 * quotes is read as CSV.
 *
 * Throws ProblemsError.
 *
 * @param head the file's beginning without byte order mark: the whole file, or at least as long as a header may be
 */
export function readCsvLayout(head: Uint8Array, { format, options, isWholeFile, path }: CsvLayoutRequest): CsvLayout {
  const { header, names: given, delimiter: chosen } = options ?? usual;
  const quoted = format === 'CSV';
  const possible = chosen !== null ? [chosen] : !quoted ? ['\t'] : header ? delimiters : [','];
  const rows = header ? head : withoutBlankLines(head);
  const end = endOfFirstRow(rows, quoted, possible);
  const row = rows.subarray(0, end);
  const isCut = end === rows.length && !isWholeFile;
  if (isCut && given === null) {
    const hint = header ? 'The first line must name the columns.' : 'Name the columns, or put a shorter row first.';
    throw refusal(path, `The first row does not end within ${head.length} bytes.`, hint);
  }
  if (header && !isCut && !isUtf8(row)) throw new ProblemsError([notUtf8(path)]);
  const text = Buffer.from(row).toString('utf8');
  if (header && text.trim() === '') {
    throw refusal(path, 'The first line is blank.', 'The first line must name the columns.');
  }
  const { delimiter, fields } = divide(text, quoted, possible);
  const names = given ?? (header ? fields : fields.map((_, index) => `column${index + 1}`));
  if (given !== null && !isCut && row.length > 0 && given.length !== fields.length) {
    const which = header ? 'header' : 'first row';
    const message = `The ${which} has ${fields.length} columns, and ${given.length} names are given.`;
    throw new ProblemsError([problem(namesPath, 'INVALID_VALUE', message, 'Name each column of the file, in order.')]);
  }
  const problems = checkColumnNames(names, given === null ? path : namesPath);
  if (problems.length > 0) throw new ProblemsError(problems);
  return {
    dialect: { delimiter: delimiter.charCodeAt(0), quoted },
    header,
    names,
    columnsExpected: `The ${header ? 'header' : 'first row'} has ${names.length} columns`,
  };
}

/** The problem of a file in another encoding than UTF-8. */
export function notUtf8(path: readonly string[]): InputProblem {
  return problem(
    path,
    'WRONG_FORMAT',
    'The file is not UTF-8.',
    'The file looks like Latin-1 or Windows-1252: save it as UTF-8, e.g. with `iconv -f WINDOWS-1252 -t UTF-8`.',
  );
}

function refusal(path: readonly string[], message: string, hint: string): ProblemsError {
  return new ProblemsError([problem(path, 'INVALID_FILE', message, hint)]);
}

function withoutBlankLines(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== lineFeed && byte !== carriageReturn);
  return bytes.subarray(start === -1 ? bytes.length : start);
}

/**
 * A quote opens a quoted value only where a value begins: after any possible delimiter, because the delimiter is not
 * yet known.
 */
function endOfFirstRow(bytes: Uint8Array, quoted: boolean, possible: readonly string[]): number {
  const delimiterBytes = new Set(possible.map((delimiter) => delimiter.charCodeAt(0)));
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

/** Divides the first row by the delimiter that gives the most columns. */
function divide(
  row: string,
  quoted: boolean,
  possible: readonly string[],
): { readonly delimiter: string; readonly fields: readonly string[] } {
  const candidates = possible.map((delimiter) => ({
    delimiter,
    fields: quoted ? splitRow(row, delimiter) : row.split(delimiter),
  }));
  return candidates.reduce((best, each) => (each.fields.length > best.fields.length ? each : best));
}

/** The fields of one row, by the same rules as CsvScanner. */
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
