import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { withoutByteOrderMark } from '../../../src/preparation/file-signature.js';
import { toStorageError } from '../../../src/storage/storage-error.js';

/** Reads chunks of a file, and returns the rewritten rows. */
export interface Scanner {
  push(chunk: Uint8Array): void;
  finish(): void;
  take(): Uint8Array;
}

/** A scanner's work of about a millisecond; between two chunks the process can do other work. */
const chunkBytes = 128 * 1024;

/** The longest header: a thousand columns with long names. */
const headBytes = 1024 * 1024;

/**
 * A file's first bytes (at most 1 MiB), whether these are the whole file, and its last 4 bytes.
 * @throws StorageError
 */
export async function readEnds(path: string): Promise<{ head: Uint8Array; isWholeFile: boolean; tail: Uint8Array }> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const head = await file.read(Buffer.alloc(Math.min(size, headBytes)), 0, Math.min(size, headBytes), 0);
      const tail = await file.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4));
      return {
        head: head.buffer.subarray(0, head.bytesRead),
        isWholeFile: size <= headBytes,
        tail: tail.buffer.subarray(0, tail.bytesRead),
      };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toStorageError(error, 'read an uploaded file');
  }
}

/**
 * The chunks of a text file, without its byte order mark.
 * @throws StorageError
 */
export async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const { head } = await readEnds(path);
  const start = head.length - withoutByteOrderMark(head).length;
  const chunks = createReadStream(path, { highWaterMark: chunkBytes, start })[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw toStorageError(error, 'read an uploaded file');
    });
    if (next.done === true) return;
    yield next.value as Uint8Array;
  }
}

/**
 * Passes a text file, without its byte order mark, through a scanner into another file, in constant memory.
 * @throws StorageError
 *
 * @param stop called after each chunk: whether the rest of the file no longer matters
 */
export async function rewriteFile(
  from: string,
  to: string,
  scanner: Scanner,
  stop: () => boolean = () => false,
  bytesAtATime = chunkBytes,
): Promise<void> {
  try {
    const { head } = await readEnds(from);
    const start = head.length - withoutByteOrderMark(head).length;
    const target = await open(to, 'wx');
    const source = createReadStream(from, { highWaterMark: bytesAtATime, start });
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        scanner.push(chunk);
        await target.writeFile(scanner.take());
        if (stop()) return;
      }
      scanner.finish();
      await target.writeFile(scanner.take());
    } finally {
      await target.close();
    }
  } catch (error) {
    throw toStorageError(error, 'read an uploaded file');
  }
}
