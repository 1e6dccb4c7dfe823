import { isAscii, isUtf8 } from 'node:buffer';
import type { ListColumn } from '../../../src/protocol/datasets/file-options.js';
import type { RejectionCode } from '../../../src/protocol/datasets/rejected-row.js';
import type { Quoting } from './csv-quoting.js';
import { divideText } from './read-list.js';
import { excerptLength, type RowTally } from './rejected-rows.js';

export interface CsvDialect extends Quoting {
  /** An ASCII byte; −1: none, the file has one column. */
  readonly delimiter: number;
}

export interface CsvScannerSettings extends CsvDialect {
  /** Whether the first line names the delimiter (`sep=;`), and is neither header nor row. */
  readonly delimiterLine: boolean;
  /** Whether the first row names the columns, and is not a row of data. */
  readonly header: boolean;
  readonly columnCount: number;
  /** Why this count is expected, in words: “The header has 3 columns”. */
  readonly columnsExpected: string;
  /** The columns whose values must be lists, by their position. */
  readonly lists: ReadonlyMap<number, ListColumn>;
  /** Makes the keys of the rows' objects, in plain ASCII. */
  readonly columnName: (index: number) => string;
  /** The most bytes of a row as it is rewritten. */
  readonly maxRowBytes: number;
}

/** A quote that is never closed, or not within a length that shows it to be a stray one. */
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

/**
 * A row that continues for this many lines to the end of the file is not a truncated row, but all rows after a stray
 * quote.
 */
const maxLinesOfRowCutOff = 1000;

/** Bytes of output for one byte of input at worst: one control character in a column of its own, `,"c999":"\u0001"`. */
const worstGrowth = 20;

const notUtf8 = 'The row is not UTF-8.';

const rowBegin = Buffer.from('{');
const rowEnd = Buffer.from('}\n');
const noItems = Buffer.from('[]');

/** The escape of each character that JSON does not allow in a text. */
const escapes = Array.from({ length: space }, (_, byte) =>
  Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1)),
);

/** For each byte, 1 if it stands for itself in a value, in the file and in JSON. */
function plainBytes(others: readonly number[]): Uint8Array {
  const isPlain = (byte: number) => byte >= space && byte !== quote && byte !== backslash && !others.includes(byte);
  return Uint8Array.from({ length: 256 }, (_, byte) => Number(isPlain(byte)));
}

type State = 'fieldStart' | 'unquoted' | 'quoted' | 'quoteInQuoted' | 'comment';

/**
 * Reads delimited text and writes each row as one line of JSON, `{"c0":"first value","c2":"third"}`. Rows that can't be
 * read are tallied with their line instead.
 *
 * DuckDB's own reader is not asked to judge rows: past a quote that is not closed within its buffer it drops the rest
 * of the file without an error or a reject (1.5.6), it refuses files whose line ends are mixed, it counts records, not
 * lines, and where line ends in quotes prevent parallel reading, it holds the whole file in memory.
 *
 * A field is missing when its delimiters are adjacent; `""` is an empty text. Blank lines are not rows. A quote in an
 * unquoted field stands for itself. Line ends are
 * , \r
 *  and \r, in any mixture. The value of a column of lists is written as a list of texts. Memory: one row and one chunk.
 *  About 150 MB a second.
 */
export class CsvScanner {
  /** The quote that swallowed much of the file, if there is one; known after `finish`. */
  unclosedQuote: UnclosedQuote | null = null;

  private output: Buffer = Buffer.alloc(1 << 16);
  /** Where the written part of the current row ends; the row begins at `rowStart`. */
  private end = 0;
  private rowStart = 0;
  /** The most bytes of output for the present chunk. */
  private reservedBytes = 0;

  private state: State = 'fieldStart';
  private fields = 0;
  private rowBytes = 0;
  private line = 1;
  private rowLine = 1;
  private afterCarriageReturn = false;
  private badQuote = false;
  /** Whether the byte before was the escape. */
  private isEscaped = false;
  private hasNul = false;
  /** Where the value that is being read begins, without its quote. */
  private valueStart = 0;
  /** Why a value of the row is not a list, though its column holds lists. */
  private listFault: string | null = null;
  /**
   * Whether the row has a list that is not UTF-8. The list is decoded and rewritten, so its bytes no longer show it.
   */
  private brokenList = false;
  /** How many of the next rows are no data: the line that names the delimiter, and the header. */
  private rowsToSkip: number;
  private readonly excerpt = Buffer.alloc(excerptLength * 4);
  private readonly plainUnquoted: Uint8Array;
  private readonly plainQuoted: Uint8Array;
  /** `"c0":"`, `,"c1":"` and so on: the text before the value of each column. */
  private readonly keys: readonly Buffer[];

  constructor(
    private readonly settings: CsvScannerSettings,
    private readonly tally: RowTally,
  ) {
    this.rowsToSkip = Number(settings.delimiterLine) + Number(settings.header);
    this.keys = Array.from({ length: settings.columnCount }, (_, index) =>
      Buffer.from(`"${settings.columnName(index)}":"`),
    );
    const { quote: quoteByte, escapeByte, delimiter } = settings;
    this.plainQuoted = plainBytes([quoteByte, escapeByte]);
    this.plainUnquoted = plainBytes([quoteByte, escapeByte, delimiter]);
  }

  /** Reads the next bytes. The caller must have removed a UTF-8 byte order mark. */
  push(chunk: Uint8Array): void {
    this.reservedBytes = chunk.length * worstGrowth;
    this.reserve(this.reservedBytes);
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (this.afterCarriageReturn) {
        this.afterCarriageReturn = false;
        if (byte === lineFeed) continue;
      }
      const plain = this.isEscaped ? null : this.plainIn(this.state);
      if (plain === null || plain[byte] === 0) this.read(byte);
      else {
        const begin = i;
        while (i + 1 < chunk.length && plain[chunk[i + 1]!] === 1) i++;
        this.readPlain(chunk, begin, i + 1);
      }
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

  /** The rows finished since the last call. */
  take(): Uint8Array {
    const finished = new Uint8Array(this.output.subarray(0, this.rowStart));
    this.output.copyWithin(0, this.rowStart, this.end);
    this.end -= this.rowStart;
    this.valueStart -= this.rowStart;
    this.rowStart = 0;
    return finished;
  }

  /** Which bytes stand for themselves in a value; null: the state is not that of a value. */
  private plainIn(state: State): Uint8Array | null {
    return state === 'unquoted' ? this.plainUnquoted : state === 'quoted' ? this.plainQuoted : null;
  }

  /** Does at once what `read` does with each of some bytes that stand for themselves. */
  private readPlain(chunk: Uint8Array, begin: number, end: number): void {
    for (let i = begin; i < end && this.rowBytes + i - begin < this.excerpt.length; i++) {
      this.excerpt[this.rowBytes + i - begin] = chunk[i]!;
    }
    this.rowBytes += end - begin;
    const room = this.settings.maxRowBytes + 1 - (this.end - this.rowStart);
    const written = Math.min(end - begin, Math.max(0, room));
    this.output.set(chunk.subarray(begin, begin + written), this.end);
    this.end += written;
  }

  private read(byte: number): void {
    if (this.state === 'comment') {
      if (byte !== lineFeed && byte !== carriageReturn) return;
      this.state = 'fieldStart';
    } else if (this.isEscaped) {
      this.keep(byte);
      this.endEscape(byte);
      return;
    } else if (byte === this.settings.escapeByte) {
      this.keep(byte);
      this.beginEscape();
      return;
    }
    if (this.state === 'quoted') {
      this.keep(byte);
      if (byte === this.settings.quote) {
        this.state = 'quoteInQuoted';
        return;
      }
      // Like most editors, this does not count a lone \r within quotes as a line end.
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
    if (byte === this.settings.comment && this.rowBytes === 0) {
      this.state = 'comment';
      return;
    }
    this.keep(byte);
    if (byte === this.settings.delimiter) {
      this.endField();
      return;
    }
    if (this.state === 'fieldStart') {
      this.beginValue();
      if (byte === this.settings.quote) {
        this.state = 'quoted';
        return;
      }
      this.state = 'unquoted';
    } else if (this.state === 'quoteInQuoted') {
      if (byte === this.settings.quote) this.state = 'quoted';
      else {
        this.badQuote = true;
        this.state = 'unquoted';
      }
    }
    this.writeCharacter(byte);
  }

  private beginEscape(): void {
    if (this.state === 'fieldStart') {
      this.beginValue();
      this.state = 'unquoted';
    } else if (this.state === 'quoteInQuoted') {
      this.badQuote = true;
      this.state = 'unquoted';
    }
    this.isEscaped = true;
  }

  private endEscape(byte: number): void {
    this.isEscaped = false;
    const { quote: quoteByte, escapeByte, delimiter } = this.settings;
    if (byte === lineFeed || byte === carriageReturn) this.line++;
    else if (byte !== quoteByte && byte !== escapeByte && byte !== delimiter) this.writeCharacter(escapeByte);
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
    if (list !== undefined && this.rowsToSkip === 0) this.endList(list);
    else if (this.state !== 'fieldStart') this.writeByte(quote);
    this.state = 'fieldStart';
    this.fields++;
  }

  /** Replaces the value that was written, with its quote, by a list. */
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
    if (this.rowsToSkip > 0) this.dropRow();
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
    this.rowsToSkip = Math.max(0, this.rowsToSkip - 1);
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
    this.isEscaped = false;
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

  /** A row that is too long is read to its end, but no longer stored. */
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
