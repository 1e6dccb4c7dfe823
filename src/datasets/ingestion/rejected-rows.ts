import type { FileNotice } from '../file-notice.js';
import { usualRejectedShare } from '../file-options.js';
import type { LeftOutColumn } from '../left-out-column.js';

/** Why a row of an uploaded file was rejected; the rest of the file is read all the same. */
const rejectionCodes = {
  TOO_FEW_COLUMNS: 'The row has fewer columns than the header.',
  TOO_MANY_COLUMNS: 'The row has more columns than the header.',
  INVALID_QUOTE: 'A closing quote is followed by other characters.',
  UNCLOSED_QUOTE: 'A quote is not closed before the file ends.',
  CUT_OFF: 'The file ends within the row.',
  INVALID_UTF8: 'The row is not UTF-8.',
  INVALID_CHARACTER: 'The row holds a NUL, or an unpaired surrogate.',
  TOO_LONG: 'The row is longer than a row may be.',
  INVALID_LIST: 'A value that should be a list is not one, or has an item that is missing or of another kind.',
  UNEQUAL_COLUMNS: 'The lines of a sentence do not have the same columns.',
  INVALID_JSON: 'The line is not JSON.',
  NOT_AN_OBJECT: 'The line is JSON, but not an object.',
  NESTED_TOO_DEEPLY: 'The row has lists or objects inside each other at more levels than a row may have.',
  DUPLICATE_KEY: 'The object has the same key twice.',
} as const;
export type RejectionCode = keyof typeof rejectionCodes;

export interface RejectedRow {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number;
  readonly code: RejectionCode;
  readonly reason: string;
  /** The row's beginning. */
  readonly excerpt: string;
}

/** How many rejected rows are kept with details; all are counted. */
export const maxRejectedRowsKept = 1000;

/** How many characters of a row are kept to recognize it by. */
export const excerptLength = 200;

const rowsInSample = 200;
const lineEnd = Uint8Array.of(0x0a);

/** Counts the rows of a file, keeps the first rejected ones, and notes what else was found. */
export class RowTally {
  accepted = 0;
  /** Accepted rows with a character beyond ASCII. */
  acceptedBeyondAscii = 0;
  rejected = 0;
  /** Rows that were rejected as INVALID_UTF8. */
  notUtf8 = 0;
  readonly rows: RejectedRow[] = [];
  readonly leftOut: LeftOutColumn[] = [];
  /** The beginnings of rows that are not UTF-8, enough to recognise their encoding. */
  readonly notUtf8Sample: Uint8Array[] = [];

  /** What else the owner of the file should know. */
  readonly notices: FileNotice[] = [];
  /** Whether the first line was read as the header; null in formats that have none. */
  header: boolean | null = null;

  /** @param maxRejectedShare the share of rows, from 0 to 1, beyond which the file is refused */
  constructor(readonly maxRejectedShare: number = usualRejectedShare) {}

  reject(line: number, code: RejectionCode, reason: string, start: Uint8Array): void {
    this.rejected++;
    if (code === 'INVALID_UTF8') {
      this.notUtf8++;
      if (this.notUtf8Sample.length < rowsInSample) this.notUtf8Sample.push(Uint8Array.from(start), lineEnd);
    }
    if (this.rows.length < maxRejectedRowsKept) {
      this.rows.push({ line, code, reason: withoutNul(reason), excerpt: toExcerpt(start) });
    }
  }
}

/** Readable text for arbitrary bytes. */
function toExcerpt(start: Uint8Array): string {
  const text = withoutNul(new TextDecoder('utf-8').decode(start));
  return Array.from(text.trimEnd()).slice(0, excerptLength).join('');
}

/** PostgreSQL can't store a NUL. */
function withoutNul(text: string): string {
  return text.replaceAll('\u0000', '\u2400');
}
