import { isAscii, isUtf8 } from 'node:buffer';
import type { ListColumn } from '../file-options.js';
import { divideText } from './read-list.js';
import { excerptLength, type RejectionCode, type RowTally } from './rejected-rows.js';

export interface CsvDialect {
  /** A byte of ASCII. */
  readonly delimiter: number;
  /** RFC 4180 quotes; without, a quote is a character like any other. */
  readonly quoted: boolean;
}

export interface CsvScannerSettings extends CsvDialect {
  /** Whether the first row names the columns, and is no row of data. */
  readonly header: boolean;
  readonly columnCount: number;
  /** Where the count comes from, for people: “The header has 3 columns”. */
  readonly columnsExpected: string;
  /** By the place of their column: which values are to be lists. */
  readonly lists: ReadonlyMap<number, ListColumn>;
  /** Keys of the rows' objects: plain ASCII. */
  readonly columnName: (index: number) => string;
  /** Of a row as it is written anew. */
  readonly maxRowBytes: number;
}

/** The scanner has read a quote that is never closed, or not within so much that it must be a stray one. */
export interface UnclosedQuote {
  readonly line: number;
  readonly linesSwallowed: number;
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const space = 0x20;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nul = 0;

/** A row that goes on for this many lines to the end of the file is no row cut off, but all rows after a stray quote. */
const maxLinesOfRowCutOff = 1000;

/** Bytes of output for one of input at worst: one control character in a column of its own, `,"c999":"\u0001"`. */
const worstGrowth = 20;

const notUtf8 = 'The row is not UTF-8.';

const rowBegin = Buffer.from('{');
const rowEnd = Buffer.from('}\n');
const noItems = Buffer.from('[]');

/** What stands for each character that JSON does not allow in a text. */
const escapes = Array.from({ length: space }, (_, byte) =>
  Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
);

type State = 'fieldStart' | 'unquoted' | 'quoted' | 'quoteInQuoted';

/**
 * Reads delimited text and writes each row as one line of JSON, `{"c0":"first value","c2":"third"}`. Rows that cannot be read
 * are tallied with their line instead.
 *
 * DuckDB's own reader is not asked to judge rows: past a quote that is not closed within its buffer it drops the rest of the
 * file without an error or a reject (1.5.6), it refuses files whose line ends are mixed, it counts records, not lines, and
 * where line ends in quotes forbid it to read in parallel, it holds the whole file in memory.
 *
 * A field is missing when nothing stands between its delimiters; `""` is an empty text. Blank lines are no rows. A quote in an
 * unquoted field stands for itself. Line ends are \n, \r\n and \r, mixed as they come. The value of a column of lists is
 * written as a list of texts. Memory: one row and one chunk.
 * About 150 MB a second.
 */
export class CsvScanner {
  /** The quote that swallowed much of the file, if one did; known after `finish`. */
  unclosedQuote: UnclosedQuote | null = null;

  private output: Buffer = Buffer.alloc(1 << 16);
  /** End of what is written of the current row; the row begins at `rowStart`. */
  private end = 0;
  private rowStart = 0;
  /** What the chunk at hand may come to. */
  private reservedBytes = 0;

  private state: State = 'fieldStart';
  private fields = 0;
  private rowBytes = 0;
  private line = 1;
  private rowLine = 1;
  private afterCarriageReturn = false;
  private badQuote = false;
  private hasNul = false;
  /** Where the value that is being read begins, its quote not counted. */
  private valueStart = 0;
  /** Why a value of the row is no list, though its column holds lists. */
  private listFault: string | null = null;
  /** The row has a list that is not UTF-8: decoded and written anew, its bytes no longer tell. */
  private brokenList = false;
  private isHeader: boolean;
  private readonly excerpt = Buffer.alloc(excerptLength * 4);
  /** `"c0":"`, `,"c1":"` and so on: in a row, what precedes the value of each column. */
  private readonly keys: readonly Buffer[];

  constructor(
    private readonly settings: CsvScannerSettings,
    private readonly tally: RowTally,
  ) {
    this.isHeader = settings.header;
    this.keys = Array.from({ length: settings.columnCount }, (_, index) =>
      Buffer.from(`"${settings.columnName(index)}":"`),
    );
  }

  /** Reads the next bytes; a UTF-8 byte order mark must have been taken off. */
  push(chunk: Uint8Array): void {
    this.reservedBytes = chunk.length * worstGrowth;
    this.reserve(this.reservedBytes);
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.afterCarriageReturn) {
        this.afterCarriageReturn = false;
        if (byte === lineFeed) continue;
      }
      this.read(byte);
    }
  }

  finish(): void {
    if (this.rowBytes === 0) return;
    if (this.state === 'quoted') {
      const linesSwallowed = this.line - this.rowLine;
      if (linesSwallowed > maxLinesOfRowCutOff || this.isTooLong()) {
        this.unclosedQuote = { line: this.rowLine, linesSwallowed };
      }
      this.rejectRow('UNCLOSED_QUOTE', 'The file ends within a quoted value: it may have been cut off.');
      return;
    }
    this.reservedBytes = worstGrowth;
    this.reserve(this.reservedBytes);
    this.endRow(true);
  }

  /** The finished rows since the last call. */
  take(): Uint8Array {
    const finished = Uint8Array.from(this.output.subarray(0, this.rowStart));
    this.output.copyWithin(0, this.rowStart, this.end);
    this.end -= this.rowStart;
    this.valueStart -= this.rowStart;
    this.rowStart = 0;
    return finished;
  }

  private read(byte: number): void {
    if (this.state === 'quoted') {
      this.keep(byte);
      if (byte === quote) {
        this.state = 'quoteInQuoted';
        return;
      }
      // A lone \r within quotes is not counted as a line end, as in most editors.
      if (byte === lineFeed) this.line++;
      this.writeCharacter(byte);
      return;
    }
    if (byte === lineFeed || byte === carriageReturn) {
      this.endRow(false);
      this.line++;
      this.rowLine = this.line;
      this.afterCarriageReturn = byte === carriageReturn;
      return;
    }
    this.keep(byte);
    if (byte === this.settings.delimiter) {
      this.endField();
      return;
    }
    if (this.state === 'fieldStart') {
      this.beginValue();
      if (byte === quote && this.settings.quoted) {
        this.state = 'quoted';
        return;
      }
      this.state = 'unquoted';
    } else if (this.state === 'quoteInQuoted') {
      if (byte === quote) this.state = 'quoted';
      else {
        this.badQuote = true;
        this.state = 'unquoted';
      }
    }
    this.writeCharacter(byte);
  }

  private beginValue(): void {
    const key = this.keys[this.fields];
    if (key === undefined) return;
    if (this.end === this.rowStart) this.write(rowBegin);
    else this.writeByte(comma);
    this.write(key);
    this.valueStart = this.end;
  }

  private endField(): void {
    const list = this.settings.lists.get(this.fields);
    if (list !== undefined && !this.isHeader) this.endList(list);
    else if (this.state !== 'fieldStart') this.writeByte(quote);
    this.state = 'fieldStart';
    this.fields++;
  }

  /** Puts a list in the place of the value that was written, quote and all. */
  private endList(list: ListColumn): void {
    if (this.state === 'fieldStart') {
      if (!list.emptyList) return;
      this.beginValue();
    }
    if (this.isTooLong()) return;
    const value = this.output.subarray(this.valueStart, this.end);
    this.brokenList ||= !isUtf8(value);
    const items = divideText(JSON.parse(`"${value.toString('utf8')}"`), list);
    if ('fault' in items) this.listFault ??= items.fault;
    const written = 'fault' in items ? noItems : Buffer.from(JSON.stringify(items));
    this.end = this.valueStart - 1;
    // The value may have come in many chunks, and its items take more room than it did.
    this.reserve(written.length + this.reservedBytes);
    this.write(written);
  }

  private endRow(atEndOfFile: boolean): void {
    if (this.rowBytes === 0) return;
    this.endField();
    const { columnCount, columnsExpected, maxRowBytes } = this.settings;
    const { fields } = this;
    if (this.isHeader) this.dropRow();
    else if (this.isTooLong()) this.rejectRow('TOO_LONG', `The row is longer than ${maxRowBytes} bytes.`);
    else if (this.badQuote) this.rejectRow('INVALID_QUOTE', 'Something follows the closing quote of a value.');
    else if (fields < columnCount) {
      const counts = `${columnsExpected}, the row ${fields}`;
      if (atEndOfFile) this.rejectRow('CUT_OFF', `${counts}, and then the file ends: it may have been cut off.`);
      else this.rejectRow('TOO_FEW_COLUMNS', `${counts}.`);
    } else if (fields > columnCount) {
      this.rejectRow('TOO_MANY_COLUMNS', `${columnsExpected}, the row ${fields}.`);
    } else if (this.hasNul) this.rejectRow('INVALID_CHARACTER', 'The row holds a NUL character.');
    else if (this.brokenList) this.rejectRow('INVALID_UTF8', notUtf8);
    else if (this.listFault !== null) this.rejectRow('INVALID_LIST', this.listFault);
    else this.acceptRow();
    this.isHeader = false;
  }

  private acceptRow(): void {
    const row = this.output.subarray(this.rowStart, this.end);
    if (!isAscii(row)) {
      if (!isUtf8(row)) {
        this.rejectRow('INVALID_UTF8', notUtf8);
        return;
      }
      this.tally.acceptedBeyondAscii++;
    }
    this.tally.accepted++;
    if (this.end === this.rowStart) this.write(rowBegin);
    this.write(rowEnd);
    this.rowStart = this.end;
    this.startRow();
  }

  private rejectRow(code: RejectionCode, reason: string): void {
    const start = this.excerpt.subarray(0, Math.min(this.rowBytes, this.excerpt.length));
    this.tally.reject(this.rowLine, code, reason, start);
    this.dropRow();
  }

  private dropRow(): void {
    this.end = this.rowStart;
    this.startRow();
  }

  private startRow(): void {
    this.state = 'fieldStart';
    this.fields = 0;
    this.rowBytes = 0;
    this.badQuote = false;
    this.hasNul = false;
    this.listFault = null;
    this.brokenList = false;
  }

  private keep(byte: number): void {
    if (this.rowBytes < this.excerpt.length) this.excerpt[this.rowBytes] = byte;
    this.rowBytes++;
  }

  private writeCharacter(byte: number): void {
    if (byte >= space) {
      if (byte === quote || byte === backslash) this.writeByte(backslash);
      this.writeByte(byte);
      return;
    }
    if (byte === nul) this.hasNul = true;
    this.write(escapes[byte]!);
  }

  /** A row that is too long is read to its end, but no longer kept. */
  private writeByte(byte: number): void {
    if (!this.isTooLong()) this.output[this.end++] = byte;
  }

  private write(bytes: Buffer): void {
    if (this.isTooLong()) return;
    for (let i = 0; i < bytes.length; i++) this.output[this.end++] = bytes[i]!;
  }

  private isTooLong(): boolean {
    return this.end - this.rowStart > this.settings.maxRowBytes;
  }

  private reserve(bytes: number): void {
    if (this.output.length - this.end >= bytes) return;
    const grown = Buffer.alloc(Math.max(2 * this.output.length, this.end + bytes));
    this.output.copy(grown, 0, 0, this.end);
    this.output = grown;
  }
}
