import { isAscii, isUtf8 } from 'node:buffer';
import type { ListColumn } from '../../../src/protocol/datasets/file-options.js';
import type { RejectionCode } from '../../../src/protocol/datasets/rejected-row.js';
import type { Quoting } from './csv-quoting.js';
import { divideText } from './read-list.js';
import { excerptLength, type RowTally } from './rejected-rows.js';
import type { TextColumn, TextColumns } from './text-columns.js';

export interface CsvDialect extends Quoting {
  /** An ASCII byte; −1: none, the file has one column. */
  readonly delimiter: number;
}

export interface CsvScannerSettings extends CsvDialect {
  /** Whether the first line names the delimiter (`sep=;`), and is neither header nor row. */
  readonly delimiterLine: boolean;
  /** Whether the first row names the columns, and is not a row of data. */
  readonly header: boolean;
  /** Why this count is expected, in words: “The header has 3 columns”. */
  readonly columnsExpected: string;
  /** The columns whose values must be lists, by their position. */
  readonly lists: ReadonlyMap<number, ListColumn>;
  /** The most bytes of a row, in the file and as it is kept. */
  readonly maxRowBytes: number;
  /** Whether what is read is the beginning of a file: its last row need not be whole. Default: it is all of it. */
  readonly isBeginning?: boolean;
}

/** A quote that is never closed, or not within a length that shows it to be a stray one. */
export interface UnclosedQuote {
  readonly line: number;
  readonly linesSwallowed: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nul = 0;
const none = -1;

/**
 * A row that continues for this many lines to the end of the file is not a truncated row, but all rows after a stray
 * quote.
 */
const maxLinesOfRowCutOff = 1000;

/** Bytes of a row that show where it came from: characters of UTF-8 have up to four. */
const excerptBytes = excerptLength * 4;

const notUtf8 = 'The row is not UTF-8.';
const noBytes: Uint8Array = new Uint8Array(0);

/** For each byte, 1 if it stands for itself in a value. */
function plainBytes(others: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => Number(!others.includes(byte)));
}

type State = 'fieldStart' | 'unquoted' | 'quoted' | 'quoteInQuoted' | 'comment';

/**
 * Reads delimited text, and puts the values of each row into columns of texts. Rows that can't be read are tallied with
 * their line instead.
 *
 * DuckDB's own reader is not asked to judge rows: past a quote that is not closed within its buffer it drops the rest
 * of the file without an error or a reject (1.5.6), it refuses files whose line ends are mixed, it counts records, not
 * lines, and where line ends in quotes prevent parallel reading, it holds the whole file in memory.
 *
 * A field is missing when its delimiters are adjacent; `""` is an empty text. Blank lines are not rows. A quote in an
 * unquoted field stands for itself. Line ends are \n, \r\n and \r, in any mixture. The value of a column of lists is
 * kept as a list of texts in JSON. Memory: a chunk, a row, and the rows that the columns hold.
 *
 * A value that lies in its chunk from beginning to end is found and copied at once (`readWhole`); `read` goes through
 * others, and through what is between values, byte by byte.
 */
export class CsvScanner {
  /** The quote that swallowed much of the file, if there is one; known after `finish`. */
  unclosedQuote: UnclosedQuote | null = null;

  private chunk: Uint8Array = noBytes;
  /** The place in the chunk of the byte that is read. */
  private at = 0;
  private isChunkAscii = true;
  private hasChunkNul = false;
  /** The first line feed of the chunk at or after the place where one was last looked for; −1: none was. */
  private nextLineFeed = none;

  /** The place in the chunk where the row begins, or goes on. */
  private rowBegin = 0;
  /** What earlier chunks have of the row, unless it is too long, and how many bytes these are. */
  private earlier: Uint8Array[] = [];
  private earlierBytes = 0;
  private isEarlierAscii = true;

  private state: State = 'fieldStart';
  private fields = 0;
  /** Where the value goes that is being read; null: into no column. */
  private column: TextColumn | null = null;
  private line = 1;
  private rowLine = 1;
  private afterCarriageReturn = false;
  private badQuote = false;
  /** Whether the byte before was the escape. */
  private isEscaped = false;
  private hasNul = false;
  /** By how many bytes the lists of the row take more room than their values in the file. */
  private grownBytes = 0;
  /** Why a value of the row is not a list, though its column holds lists. */
  private listFault: string | null = null;
  /**
   * Whether the row has a list that is not UTF-8. The list is decoded and rewritten, so its bytes no longer show it.
   */
  private brokenList = false;
  /** How many of the next rows are no data: the line that names the delimiter, and the header. */
  private rowsToSkip: number;
  private readonly plainUnquoted: Uint8Array;
  private readonly plainQuoted: Uint8Array;

  constructor(
    private readonly settings: CsvScannerSettings,
    private readonly rows: TextColumns,
    private readonly tally: RowTally,
  ) {
    this.rowsToSkip = Number(settings.delimiterLine) + Number(settings.header);
    const { quote, escapeByte, delimiter } = settings;
    this.plainQuoted = plainBytes([quote, escapeByte, lineFeed, nul]);
    this.plainUnquoted = plainBytes([escapeByte, delimiter, lineFeed, carriageReturn, nul]);
  }

  /** Reads the next bytes. The caller must have removed a UTF-8 byte order mark. */
  push(chunk: Uint8Array): void {
    this.chunk = chunk;
    this.isChunkAscii = isAscii(chunk);
    this.hasChunkNul = chunk.includes(nul);
    this.nextLineFeed = none;
    this.rowBegin = 0;
    for (let i = 0; i < chunk.length; ) {
      const byte = chunk[i]!;
      this.at = i;
      if (this.afterCarriageReturn) {
        this.afterCarriageReturn = false;
        if (byte === lineFeed) {
          i++;
          this.rowBegin = i;
          continue;
        }
      }
      const next = this.isEscaped ? i : this.readAtOnce(chunk, i);
      if (next > i) i = next;
      else {
        this.read(byte);
        i++;
      }
    }
    this.keepRow();
  }

  finish(): void {
    this.chunk = noBytes;
    this.rowBegin = 0;
    this.at = 0;
    if (this.rowBytes() === 0) return;
    if (this.settings.isBeginning === true) {
      // Whether a quote is closed, and how many values there are, is in the rest of the file.
      if (this.isTooLong()) this.rejectTooLong();
      else this.dropRow();
      return;
    }
    if (this.state === 'quoted') {
      const linesSwallowed = this.line - this.rowLine;
      if (linesSwallowed > maxLinesOfRowCutOff || this.isTooLong()) {
        this.unclosedQuote = { line: this.rowLine, linesSwallowed };
      }
      this.rejectRow('UNCLOSED_QUOTE', 'The file ends within a quoted value: it may have been cut off.');
      return;
    }
    this.endRow(true);
  }

  /** Does at once what `read` does with each of some bytes; gives the place of the next byte to read. */
  private readAtOnce(chunk: Uint8Array, begin: number): number {
    switch (this.state) {
      case 'fieldStart':
        return this.readWhole(chunk, begin);
      case 'unquoted':
        return this.readPlain(chunk, begin, this.plainUnquoted);
      case 'quoted':
        return this.readPlain(chunk, begin, this.plainQuoted);
      default:
        return begin;
    }
  }

  private readPlain(chunk: Uint8Array, begin: number, plain: Uint8Array): number {
    let end = begin;
    while (end < chunk.length && plain[chunk[end]!] === 1) end++;
    this.write(chunk, begin, end);
    return end;
  }

  /**
   * Reads a value whose end lies in the chunk as well. Reads nothing, and gives the place where it begins, of one that
   * does not, that is missing, or that has a byte with a meaning of its own.
   */
  private readWhole(chunk: Uint8Array, begin: number): number {
    const { quote, comment, escapeByte } = this.settings;
    const byte = chunk[begin]!;
    if (byte === quote) {
      if (escapeByte !== none || this.hasChunkNul || this.isTooLong()) return begin;
      return this.readWholeQuoted(chunk, begin);
    }
    if (byte === comment || this.isTooLong()) return begin;
    const plain = this.plainUnquoted;
    let end = begin;
    while (end < chunk.length && plain[chunk[end]!] === 1) end++;
    if (end === begin || end === chunk.length) return begin;
    this.beginValue();
    this.column?.append(chunk, begin, end);
    this.state = 'unquoted';
    return end;
  }

  private readWholeQuoted(chunk: Uint8Array, begin: number): number {
    const { quote } = this.settings;
    this.beginValue();
    for (let from = begin + 1; ; ) {
      const at = chunk.indexOf(quote, from);
      // Only the byte after a quote shows whether it closes the value.
      if (at === none || at + 1 >= chunk.length) break;
      const isDoubled = chunk[at + 1] === quote;
      this.column?.append(chunk, from, isDoubled ? at + 1 : at);
      from = at + 2;
      if (isDoubled) continue;
      this.countLineFeeds(chunk, begin + 1, at);
      this.state = 'quoteInQuoted';
      return at + 1;
    }
    this.column?.takeBackText();
    return begin;
  }

  /** Counts line ends within quotes. Like most editors, this does not count a lone \r as one. */
  private countLineFeeds(chunk: Uint8Array, from: number, to: number): void {
    if (this.nextLineFeed < from) this.nextLineFeed = lineFeedFrom(chunk, from);
    while (this.nextLineFeed < to) {
      this.line++;
      this.nextLineFeed = lineFeedFrom(chunk, this.nextLineFeed + 1);
    }
  }

  private read(byte: number): void {
    if (this.state === 'comment') {
      if (byte !== lineFeed && byte !== carriageReturn) return;
      this.rowBegin = this.at;
      this.state = 'fieldStart';
    } else if (this.isEscaped) {
      this.endEscape(byte);
      return;
    } else if (byte === this.settings.escapeByte) {
      this.beginEscape();
      return;
    }
    if (this.state === 'quoted') {
      if (byte === this.settings.quote) {
        this.state = 'quoteInQuoted';
        return;
      }
      if (byte === lineFeed) this.line++;
      this.writeByte(byte);
      return;
    }
    if (byte === lineFeed || byte === carriageReturn) {
      this.endRow(false);
      this.line++;
      this.rowLine = this.line;
      this.rowBegin = this.at + 1;
      this.afterCarriageReturn = byte === carriageReturn;
      return;
    }
    if (byte === this.settings.comment && this.rowBytes() === 0) {
      this.state = 'comment';
      return;
    }
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
    this.writeByte(byte);
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
    const { quote, escapeByte, delimiter } = this.settings;
    if (byte === lineFeed || byte === carriageReturn) this.line++;
    else if (byte !== quote && byte !== escapeByte && byte !== delimiter) this.writeByte(escapeByte);
    this.writeByte(byte);
  }

  private beginValue(): void {
    this.column = this.rows.columns[this.fields] ?? null;
    this.column?.beginText();
  }

  private endField(): void {
    const list = this.settings.lists.get(this.fields);
    if (list !== undefined && this.rowsToSkip === 0) this.endList(list);
    if (this.state !== 'fieldStart' || list?.emptyList === true) this.column?.endText();
    this.state = 'fieldStart';
    this.column = null;
    this.fields++;
  }

  /** Replaces the value that was written by a list. */
  private endList(list: ListColumn): void {
    if (this.state === 'fieldStart') {
      if (!list.emptyList) return;
      this.beginValue();
    }
    const { column } = this;
    if (column === null || this.isTooLong()) return;
    const value = column.text();
    this.brokenList ||= !isUtf8(value);
    const items = divideText(value.toString('utf8'), list);
    if ('fault' in items) this.listFault ??= items.fault;
    const written = Buffer.from(JSON.stringify('fault' in items ? [] : items));
    this.grownBytes += Math.max(0, written.length - value.length);
    column.clearText();
    if (!this.isTooLong()) column.append(written, 0, written.length);
  }

  private endRow(atEndOfFile: boolean): void {
    if (this.rowBytes() === 0) return;
    this.endField();
    const { columnsExpected } = this.settings;
    const { fields } = this;
    const columnCount = this.rows.columns.length;
    if (this.rowsToSkip > 0) this.dropRow();
    else if (this.isTooLong()) this.rejectTooLong();
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
    if (!this.isChunkAscii || !this.isEarlierAscii) {
      // What divides and quotes values is ASCII, and never lies within a character: the values are UTF-8 if the row is.
      const row = this.row();
      if (!isUtf8(row)) {
        this.rejectRow('INVALID_UTF8', notUtf8);
        return;
      }
      if (!isAscii(row)) this.tally.acceptedBeyondAscii++;
    }
    this.tally.accepted++;
    this.rows.acceptRow();
    this.startRow();
  }

  private rejectTooLong(): void {
    this.rejectRow('TOO_LONG', `The row is longer than ${this.settings.maxRowBytes} bytes.`);
  }

  private rejectRow(code: RejectionCode, reason: string): void {
    this.tally.reject(this.rowLine, code, reason, this.row().subarray(0, excerptBytes));
    this.dropRow();
  }

  private dropRow(): void {
    this.rows.dropRow();
    this.startRow();
  }

  private startRow(): void {
    this.state = 'fieldStart';
    this.fields = 0;
    this.column = null;
    this.earlier = [];
    this.earlierBytes = 0;
    this.isEarlierAscii = true;
    this.badQuote = false;
    this.isEscaped = false;
    this.hasNul = false;
    this.grownBytes = 0;
    this.listFault = null;
    this.brokenList = false;
  }

  /** Bytes of the row before the one that is read. */
  private rowBytes(): number {
    return this.earlierBytes + this.at - this.rowBegin;
  }

  /** These bytes, or of a row that is too long the first of them. */
  private row(): Uint8Array {
    const here = this.chunk.subarray(this.rowBegin, this.at);
    return this.earlier.length === 0 ? here : Buffer.concat([...this.earlier, here]);
  }

  /** Keeps what the chunk has of a row that goes on in the next. */
  private keepRow(): void {
    this.at = this.chunk.length;
    if (this.state === 'comment' || this.rowBegin >= this.at) return;
    if (!this.isTooLong()) this.earlier.push(Uint8Array.from(this.chunk.subarray(this.rowBegin)));
    else if (this.earlier.length === 0)
      this.earlier.push(this.chunk.slice(this.rowBegin, this.rowBegin + excerptBytes));
    this.earlierBytes += this.at - this.rowBegin;
    this.isEarlierAscii &&= this.isChunkAscii;
  }

  /** A row that is too long is read to its end, but no longer stored. */
  private write(chunk: Uint8Array, from: number, to: number): void {
    if (!this.isTooLong()) this.column?.append(chunk, from, to);
  }

  private writeByte(byte: number): void {
    if (byte === nul) this.hasNul = true;
    if (!this.isTooLong()) this.column?.appendByte(byte);
  }

  private isTooLong(): boolean {
    return this.rowBytes() + this.grownBytes > this.settings.maxRowBytes;
  }
}

/** The place of the first line feed from here, or where the chunk ends. */
function lineFeedFrom(chunk: Uint8Array, from: number): number {
  const at = chunk.indexOf(lineFeed, from);
  return at === none ? chunk.length : at;
}
