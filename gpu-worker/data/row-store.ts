import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StorageError, toStorageError } from '../../src/storage/storage-error.js';

/** Rows of float32 [N,W], written once and read often. */
export interface RowStore {
  /** Writes rows to their places, from row `first` on. Errors: StorageError. */
  write(first: number, rows: Float32Array): void;
  /** Fills `target` with rows from row `first` on. Errors: StorageError. */
  read(first: number, target: Float32Array): void;
  close(): void;
}

const floatBytes = Float32Array.BYTES_PER_ELEMENT;

export function rowsInMemory(count: number, width: number): RowStore {
  const values = new Float32Array(count * width);
  return {
    write: (first, rows) => values.set(rows, first * width),
    read: (first, target) => target.set(values.subarray(first * width, first * width + target.length)),
    close: () => undefined,
  };
}

/**
 * The same in a file of the system's temporary folder, for rows that memory has no room for. The system keeps what is
 * read again and again in memory while it has some to spare. The file loses its name as soon as it is open, so that a
 * process that is killed leaves no file. Errors: StorageError.
 */
export function rowsInFile(width: number, folder = tmpdir()): RowStore {
  const file = attempt('make a temporary file', () => {
    const path = join(folder, `attune-rows-${randomUUID()}`);
    const opened = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return opened;
  });
  /** Moves all values by repeated steps, since one step may move fewer bytes than it is asked for. */
  const moveAll = (values: Float32Array, first: number, step: (bytes: Uint8Array, position: number) => number) => {
    let bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    let position = first * width * floatBytes;
    while (bytes.length > 0) {
      const done = step(bytes, position);
      if (done === 0) throw new StorageError('CORRUPT', 'a temporary file is shorter than what was written to it');
      bytes = bytes.subarray(done);
      position += done;
    }
  };
  return {
    write: (first, rows) =>
      attempt('write a temporary file', () =>
        moveAll(rows, first, (bytes, position) => writeSync(file, bytes, 0, bytes.length, position)),
      ),
    read: (first, target) =>
      attempt('read a temporary file', () =>
        moveAll(target, first, (bytes, position) => readSync(file, bytes, 0, bytes.length, position)),
      ),
    close: () => closeSync(file),
  };
}

function attempt<Result>(what: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw toStorageError(error, `could not ${what}`);
  }
}
