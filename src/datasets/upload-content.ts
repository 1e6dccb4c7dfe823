import { isAscii, isUtf8 } from 'node:buffer';
import { checkHead, checkTail, signatureBytes } from '../preparation/file-signature.js';
import { encodingSampleBytes, notUtf8 } from '../preparation/text-encoding.js';
import { type InputProblem, problem } from '../problems/problem.js';
import type { UploadFormat } from '../protocol/datasets/split-request.js';

/** The bytes of an upload do not have the announced format. */
export class UploadContentError extends Error {
  override readonly name = 'UploadContentError';

  constructor(readonly problem: InputProblem) {
    super(problem.message);
  }
}

const path = ['body'];

/**
 * Passes the bytes of a file on while they may be of its format, and throws UploadContentError as soon as they can't
 * be: a file of a plainly different format is not received to its end. Single bad rows pass, because reading the file
 * rejects and counts them.
 */
export async function* checkContent(body: AsyncIterable<Uint8Array>, format: UploadFormat): AsyncGenerator<Uint8Array> {
  const text = format === 'PARQUET' ? null : new TextCheck();
  let head: Uint8Array | null = new Uint8Array(0);
  let tail: Uint8Array = new Uint8Array(0);
  for await (const chunk of body) {
    refuseFor(text?.push(chunk));
    tail = lastBytes(tail, chunk);
    if (head === null) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < signatureBytes) continue;
    refuseFor(checkHead(head.subarray(0, signatureBytes), format, path));
    yield head;
    head = null;
  }
  if (head !== null) {
    refuseFor(checkHead(head, format, path));
    yield head;
  }
  refuseFor(checkTail(tail, format, path));
  refuseFor(text?.finish());
}

function refuseFor(found: InputProblem | null | undefined): void {
  if (found != null) throw new UploadContentError(found);
}

function lastBytes(before: Uint8Array, chunk: Uint8Array): Uint8Array {
  return chunk.length >= 4 ? chunk.slice(-4) : Buffer.concat([before, chunk]).subarray(-4);
}

/** This many NULs, and one byte in a hundred, do not occur in text with a few odd rows. */
const maxNuls = 1000;
const nulShare = 0.01;
/**
 * The number of lines for which ingestion refuses a whole file at its end, and the number that is beyond doubt before
 * it.
 */
const linesOfAnotherEncoding = { atEnd: 10, before: 1000 };
/** Of a longer line only the end is inspected, so that its beginning does not fill the memory. */
const maxLineBytes = 2 ** 18;
const lineFeed = 0x0a;

/**
 * Checks that the arriving bytes are text in UTF-8. ASCII is recognized at several gigabytes a second; only other text
 * is inspected line by line.
 */
class TextCheck {
  private received = 0;
  private nuls = 0;
  private beyondAscii = false;
  private linesNotUtf8 = 0;
  /** The first lines that are not UTF-8, enough to recognise their encoding. */
  private readonly sample: Uint8Array[] = [];
  private sampledBytes = 0;
  /** The beginning of a line whose end has not arrived; of a long line only its last bytes. */
  private rest: Uint8Array = new Uint8Array(0);

  push(chunk: Uint8Array): InputProblem | null {
    this.received += chunk.length;
    for (let at = chunk.indexOf(0); at !== -1 && this.nuls <= maxNuls; at = chunk.indexOf(0, at + 1)) this.nuls++;
    if (this.nuls > maxNuls && this.nuls > nulShare * this.received) return notText;
    if (this.beyondAscii) return null;
    this.checkEncoding(chunk);
    return this.isOtherEncoding(linesOfAnotherEncoding.before) ? notUtf8(path, Buffer.concat(this.sample)) : null;
  }

  finish(): InputProblem | null {
    if (!this.beyondAscii) this.checkLine(this.rest);
    return this.isOtherEncoding(linesOfAnotherEncoding.atEnd) ? notUtf8(path, Buffer.concat(this.sample)) : null;
  }

  private isOtherEncoding(lines: number): boolean {
    return !this.beyondAscii && this.linesNotUtf8 >= lines;
  }

  private checkEncoding(chunk: Uint8Array): void {
    if (isAscii(chunk) && isAscii(this.rest)) {
      this.rest = new Uint8Array(0);
      return;
    }
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
      this.checkLine(bytes.subarray(start, end));
      start = end + 1;
    }
    this.rest = bytes.slice(start).subarray(-maxLineBytes);
  }

  private checkLine(line: Uint8Array): void {
    if (isAscii(line)) return;
    if (isUtf8(line)) this.beyondAscii = true;
    else {
      this.linesNotUtf8++;
      this.keep(line);
    }
  }

  private keep(line: Uint8Array): void {
    if (this.sampledBytes >= encodingSampleBytes) return;
    const kept = Buffer.concat([line.subarray(0, encodingSampleBytes), Uint8Array.of(lineFeed)]);
    this.sample.push(kept);
    this.sampledBytes += kept.length;
  }
}

const notText = problem(
  path,
  'WRONG_FORMAT',
  'The file is not text: it is full of NUL characters.',
  'Upload CSV, TSV or JSON Lines in UTF-8, or Parquet.',
);
