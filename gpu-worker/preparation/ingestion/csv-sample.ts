import type { CsvDialect } from './csv-scanner.js';

/** The first rows of a delimited file, as one dialect divides them. */
export interface CsvSample {
  /** The first row; one empty field if there is none. */
  readonly first: SampledRow;
  /** The rows after it that are whole, without blank lines. */
  readonly others: readonly (readonly string[])[];
}

interface SampledRow {
  readonly fields: readonly string[];
  /** Its bytes, without the line end. */
  readonly bytes: Uint8Array;
  /** Whether the row does not end within the head, though the file goes on. */
  readonly isCut: boolean;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** More rows would not change what the first ones say. */
const maxRows = 200;

/**
 * Divides the head of a file into rows and fields by the same rules as CsvScanner. A blank first line is a row of one
 * empty field; blank lines after it are none.
 */
export function sampleRows(head: Uint8Array, dialect: CsvDialect, isWholeFile: boolean): CsvSample {
  const rows: SampledRow[] = [];
  for (let start = 0; start < head.length && rows.length <= maxRows; ) {
    if (head[start] === dialect.comment) {
      while (start < head.length && head[start] !== lineFeed && head[start] !== carriageReturn) start++;
      start += head[start] === carriageReturn && head[start + 1] === lineFeed ? 2 : 1;
      continue;
    }
    const { fields, end } = readRow(head, start, dialect);
    const isCut = end === head.length && !isWholeFile;
    if (rows.length === 0 || (end > start && !isCut)) rows.push({ fields, bytes: head.subarray(start, end), isCut });
    start = end + (head[end] === carriageReturn && head[end + 1] === lineFeed ? 2 : 1);
  }
  const [first = { fields: [''], bytes: head.subarray(0, 0), isCut: false }, ...others] = rows;
  return { first, others: others.map(({ fields }) => fields) };
}

/** The fields of the row that begins here, and the place of its line end. */
function readRow(
  head: Uint8Array,
  start: number,
  { delimiter, quote, escapeByte }: CsvDialect,
): { fields: string[]; end: number } {
  const fields: string[] = [];
  let pieces: Uint8Array[] = [];
  let pieceStart = start;
  let isFieldStart = true;
  let inQuotes = false;
  let i = start;
  const endField = () => {
    pieces.push(head.subarray(pieceStart, i));
    fields.push(Buffer.concat(pieces).toString('utf8'));
    pieces = [];
    pieceStart = i + 1;
    isFieldStart = true;
  };
  for (; i < head.length; i++) {
    const byte = head[i]!;
    if (byte === escapeByte) {
      const next = head[i + 1];
      // Before other characters the backslash stays.
      if (next !== undefined && [delimiter, quote, escapeByte, lineFeed, carriageReturn].includes(next)) {
        pieces.push(head.subarray(pieceStart, i));
        pieceStart = i + 1;
      }
      isFieldStart = false;
      i++;
      continue;
    }
    if (inQuotes) {
      if (byte !== quote) continue;
      pieces.push(head.subarray(pieceStart, i));
      // A doubled quote stands for one, and begins the next piece.
      if (head[i + 1] === quote) i++;
      else inQuotes = false;
      pieceStart = inQuotes ? i : i + 1;
      continue;
    }
    if (byte === lineFeed || byte === carriageReturn) break;
    if (byte === delimiter) endField();
    else {
      if (isFieldStart && byte === quote) {
        inQuotes = true;
        pieceStart = i + 1;
      }
      isFieldStart = false;
    }
  }
  endField();
  return { fields, end: i };
}
