import { isAscii, isUtf8 } from 'node:buffer';
import type { ConllOptions } from '../../../src/protocol/datasets/file-options.js';
import type { RejectionCode } from '../../../src/protocol/datasets/rejected-row.js';
import { readConllSentence } from './conll-sentence.js';
import { type Line, LineSplitter } from './line-splitter.js';
import { excerptLength, type RowTally } from './rejected-rows.js';

export interface ConllScannerSettings extends ConllOptions {
  /** Makes the key of a column in the rows' objects. */
  readonly columnName: (index: number) => string;
  /** The most bytes of a sentence, without its line ends. */
  readonly maxRowBytes: number;
}

/** A sentence with more lines than this is really a file without blank lines between sentences. */
export const maxLinesOfSentence = 100_000;

const space = 0x20;
const tab = 0x09;
const lineEnd = Buffer.from('\n');
const documentStart = Buffer.from('-DOCSTART-');

/**
 * Reads CoNLL files and writes each sentence as one line of JSON, with a list for each chosen column:
 * `{"c0":["a","word"],"c1":[…]}`. Blank lines, and lines that begin with -DOCSTART-, end a sentence. A sentence that
 * can't be read is tallied with its first line instead. Memory: one sentence and one chunk.
 */
export class ConllScanner {
  private readonly splitter: LineSplitter;
  private sentence: Line[] = [];
  private bytes = 0;
  private usualColumns: number | null = null;
  private output: Uint8Array[] = [];

  constructor(
    private readonly settings: ConllScannerSettings,
    private readonly tally: RowTally,
  ) {
    this.splitter = new LineSplitter(settings.maxRowBytes, (line) => this.readLine(line));
  }

  /**
   * Reads the next bytes, which the caller must not change afterwards. The caller must have removed a byte order mark.
   */
  push(chunk: Uint8Array): void {
    this.splitter.push(chunk);
  }

  finish(): void {
    this.splitter.finish();
    this.endSentence();
  }

  /** The rows finished since the last call. */
  take(): Uint8Array {
    const finished = Buffer.concat(this.output);
    this.output = [];
    return finished;
  }

  private readLine(line: Line): void {
    if (endsSentence(line.bytes)) {
      this.endSentence();
      return;
    }
    this.bytes += line.bytes.length;
    // The beginning of a sentence that is too long is kept for the excerpt.
    if (this.sentence.length <= maxLinesOfSentence && this.bytes - line.bytes.length <= this.settings.maxRowBytes) {
      this.sentence.push(line);
    }
  }

  private endSentence(): void {
    const lines = this.sentence;
    if (lines.length > 0) this.readSentence(lines);
    this.sentence = [];
    this.bytes = 0;
  }

  private readSentence(lines: readonly Line[]): void {
    const reject = (code: RejectionCode, reason: string) =>
      this.tally.reject(lines[0]!.number, code, reason, beginningOf(lines));
    if (this.bytes > this.settings.maxRowBytes) {
      reject('TOO_LONG', `The sentence is longer than ${this.settings.maxRowBytes} bytes.`);
      return;
    }
    if (lines.length > maxLinesOfSentence) {
      const reason = `The sentence has more than ${maxLinesOfSentence} lines: no blank lines separate the sentences.`;
      reject('TOO_LONG', reason);
      return;
    }
    const bytes = Buffer.concat(lines.flatMap((line) => [line.bytes, lineEnd]));
    if (!isUtf8(bytes)) {
      reject('INVALID_UTF8', `Line ${lines.find((line) => !isUtf8(line.bytes))!.number} is not UTF-8.`);
      return;
    }
    if (bytes.includes(0)) {
      reject(
        'INVALID_CHARACTER',
        `Line ${lines.find((line) => line.bytes.includes(0))!.number} holds a NUL character.`,
      );
      return;
    }
    const texts = bytes.toString('utf8').split('\n').slice(0, -1);
    const sentence = readConllSentence(texts, lines[0]!.number, this.settings, this.usualColumns);
    if (sentence === null) return;
    if ('code' in sentence) {
      if (!lines.at(-1)!.isLast) reject(sentence.code, sentence.reason);
      else reject('CUT_OFF', `${sentence.reason} Then the file ends: it may have been cut off.`);
      return;
    }
    const row = Object.fromEntries(sentence.values.map((list, index) => [this.settings.columnName(index), list]));
    const written = Buffer.from(`${JSON.stringify(row)}\n`);
    if (written.length > this.settings.maxRowBytes) {
      reject('TOO_LONG', `The sentence is longer than ${this.settings.maxRowBytes} bytes.`);
      return;
    }
    this.usualColumns = sentence.columns;
    this.tally.accepted++;
    if (!isAscii(bytes)) this.tally.acceptedBeyondAscii++;
    this.output.push(written);
  }
}

function endsSentence(line: Uint8Array): boolean {
  const first = line[0];
  if (first === undefined || isBlank(first)) return line.every(isBlank);
  if (first !== documentStart[0] || !documentStart.equals(line.subarray(0, documentStart.length))) return false;
  const next = line[documentStart.length];
  return next === undefined || isBlank(next);
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab;
}

function beginningOf(lines: readonly Line[]): Uint8Array {
  const some: Uint8Array[] = [];
  let bytes = 0;
  for (const line of lines) {
    if (bytes > excerptLength * 4) break;
    some.push(line.bytes.subarray(0, excerptLength * 4), lineEnd);
    bytes += line.bytes.length + 1;
  }
  return Buffer.concat(some);
}
