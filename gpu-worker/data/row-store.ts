import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StorageError, toStorageError } from '../../src/storage/storage-error.js';

/** Rows of float32 [N,W], written once and read often. */
export interface RowStore {
  /** Puts rows in place from row `first` on. Errors: StorageError. */
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
 * The same in a file of the system's temporary folder, for what memory has no room for: what is read again and again
 * the system keeps in memory while it has some to spare. The file has no name from the start, so that a process that is
 * killed leaves nothing.
 */
export function rowsInFile(width: number, folder = tmpdir()): RowStore {
  const file = attempt('make a temporary file', () => {
    const path = join(folder, `attune-rows-${randomUUID()}`);
    const opened = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return opened;
  });
  /** Calls may do less than they are asked for. */
  const whole = (values: Float32Array, first: number, step: (bytes: Uint8Array, position: number) => number) => {
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
        whole(rows, first, (bytes, position) => writeSync(file, bytes, 0, bytes.length, position)),
      ),
    read: (first, target) =>
      attempt('read a temporary file', () =>
        whole(target, first, (bytes, position) => readSync(file, bytes, 0, bytes.length, position)),
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
