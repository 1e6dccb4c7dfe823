import { isAscii, isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { encodingSampleBytes } from '../../../src/preparation/text-encoding.js';
import { toStorageError } from '../../../src/storage/storage-error.js';

/** What the bytes of a text file show about its encoding. */
export interface EncodingSurvey {
  /** Lines beyond ASCII that are UTF-8. */
  readonly utf8Lines: number;
  /** Lines that are not. */
  readonly otherLines: number;
  /** The number of the first of them, from 1; 0: there is none. */
  readonly firstOtherLine: number;
  /** The first of them, enough to recognise their encoding. */
  readonly sample: Uint8Array;
}

const chunkBytes = 256 * 1024;
/** Of a line that is longer, only this many bytes are looked at together. */
const maxLineBytes = 2 ** 20;
const lineFeed = 0x0a;
const oneLineEnd = Uint8Array.of(lineFeed);

/**
 * Looks at all lines of a text file: the first that is beyond ASCII may be the last. Memory is constant. ASCII and
 * UTF-8 are told by the chunk, at the speed of the disk; lines are divided only where a chunk is neither.
 * @throws StorageError
 */
export async function surveyEncoding(path: string): Promise<EncodingSurvey> {
  const survey = new Survey();
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      survey.push(chunk);
    }
  } catch (error) {
    throw toStorageError(error, 'read an uploaded file');
  }
  return survey.finish();
}

class Survey {
  private utf8Lines = 0;
  private otherLines = 0;
  private firstOtherLine = 0;
  private line = 1;
  private readonly sample: Uint8Array[] = [];
  private sampledBytes = 0;
  /** The beginning of a line whose end has not arrived. */
  private rest: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const end = bytes.lastIndexOf(lineFeed) + 1;
    if (end === 0 && bytes.length < maxLineBytes) {
      this.rest = bytes;
      return;
    }
    // A line that is too long is cut, perhaps within a character, and both parts count as lines.
    const lines = bytes.subarray(0, end === 0 ? characterEnd(bytes) : end);
    this.rest = bytes.slice(lines.length);
    this.readLines(lines);
  }

  finish(): EncodingSurvey {
    this.readLines(this.rest);
    const { utf8Lines, otherLines, firstOtherLine } = this;
    return { utf8Lines, otherLines, firstOtherLine, sample: Buffer.concat(this.sample) };
  }

  private readLines(lines: Uint8Array): void {
    if (isAscii(lines) || isUtf8(lines)) {
      // How many of them are beyond ASCII matters less than that some are.
      if (!isAscii(lines)) this.utf8Lines += this.isSure() ? 1 : countBeyondAscii(lines);
      this.line += this.otherLines > 0 ? 0 : countLineFeeds(lines);
      return;
    }
    for (let start = 0; start < lines.length; ) {
      const feed = lines.indexOf(lineFeed, start);
      const end = feed === -1 ? lines.length : feed;
      this.readLine(lines.subarray(start, end));
      start = end + 1;
      if (feed !== -1) this.line++;
    }
  }

  /** Whether more lines would not change what the survey shows. */
  private isSure(): boolean {
    return this.utf8Lines > 10_000;
  }

  private readLine(line: Uint8Array): void {
    if (isAscii(line)) return;
    if (isUtf8(line)) {
      this.utf8Lines++;
      return;
    }
    this.otherLines++;
    if (this.firstOtherLine === 0) this.firstOtherLine = this.line;
    if (this.sampledBytes >= encodingSampleBytes) return;
    const kept = Uint8Array.from(line.subarray(0, encodingSampleBytes - this.sampledBytes));
    this.sample.push(kept, oneLineEnd);
    this.sampledBytes += kept.length + 1;
  }
}

function countBeyondAscii(lines: Uint8Array): number {
  let count = 0;
  for (let start = 0; start < lines.length; ) {
    const feed = lines.indexOf(lineFeed, start);
    const end = feed === -1 ? lines.length : feed;
    if (!isAscii(lines.subarray(start, end))) count++;
    start = end + 1;
  }
  return count;
}

function countLineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) count++;
  return count;
}

/** Where the last whole character of UTF-8 ends, if the bytes are UTF-8. */
function characterEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0xc0) return bytes.length - back;
    if (byte < 0x80) return bytes.length;
  }
  return bytes.length;
}
