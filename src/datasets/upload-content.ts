import {
  checkHead,
  checkTail,
  containerOf,
  readByteOrderMark,
  signatureBytes,
  utf16Of,
} from '../preparation/file-signature.js';
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
  let text: TextCheck | null = null;
  let head: Uint8Array | null = new Uint8Array(0);
  let tail: Uint8Array = new Uint8Array(0);
  let isPacked = false;
  // Nothing is sent on before the beginning was looked at.
  const begin = (bytes: Uint8Array): void => {
    refuseFor(checkHead(bytes.subarray(0, signatureBytes), format, path));
    isPacked = containerOf(bytes) !== null;
    const isUtf16 = utf16Of(bytes) !== null || (readByteOrderMark(bytes)?.name ?? 'utf-8') !== 'utf-8';
    if (isPacked || isUtf16 || format === 'PARQUET') return;
    text = new TextCheck();
    refuseFor(text.push(bytes));
  };
  for await (const chunk of body) {
    tail = lastBytes(tail, chunk);
    if (head === null) {
      refuseFor((text as TextCheck | null)?.push(chunk));
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < signatureBytes) continue;
    begin(head);
    yield head;
    head = null;
  }
  if (head !== null) {
    begin(head);
    yield head;
  }
  if (!isPacked) refuseFor(checkTail(tail, format, path));
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

/** Counts the NULs of a file that should be text. Any encoding may be text; reading the file finds which one it is. */
class TextCheck {
  private received = 0;
  private nuls = 0;

  push(chunk: Uint8Array): InputProblem | null {
    this.received += chunk.length;
    for (let at = chunk.indexOf(0); at !== -1 && this.nuls <= maxNuls; at = chunk.indexOf(0, at + 1)) this.nuls++;
    return this.nuls > maxNuls && this.nuls > nulShare * this.received ? notText : null;
  }
}

const notText = problem(
  path,
  'WRONG_FORMAT',
  'The file is not text: it is full of NUL characters.',
  'Upload CSV, TSV, JSON Lines or Parquet, as it is or packed as gzip, Zstandard or ZIP.',
);
