import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import { usualRejectedShare } from '../../../src/protocol/datasets/file-options.js';
import type { LeftOutColumn } from '../../../src/protocol/datasets/left-out-column.js';
import type { RejectedRow, RejectionCode } from '../../../src/protocol/datasets/rejected-row.js';

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
