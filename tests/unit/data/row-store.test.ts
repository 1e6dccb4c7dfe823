import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { rowsInFile, rowsInMemory } from '../../../gpu-worker/data/row-store.js';

describe.each([
  ['memory', () => rowsInMemory(5, 3)],
  ['a file', () => rowsInFile(3)],
])('rows in %s', (_, open) => {
  it('are read as they were written, in any order', () => {
    const store = open();
    store.write(3, Float32Array.of(10, 11, 12, 13, 14, 15));
    store.write(0, Float32Array.of(1, 2, 3));
    store.write(1, Float32Array.of(4, 5, 6, 7, 8, Math.fround(0.1)));
    const read = (first: number, rows: number) => {
      const padded = new Float32Array(3 * rows + 2);
      store.read(first, padded.subarray(1, -1));
      return [...padded];
    };
    expect(read(2, 2)).toEqual([0, 7, 8, Math.fround(0.1), 10, 11, 12, 0]);
    expect(read(0, 1)).toEqual([0, 1, 2, 3, 0]);
    expect(read(4, 0)).toEqual([0, 0]);
    store.close();
  });
});

describe('rows in a file', () => {
  it('leave no name behind, not even while they are used', async () => {
    const store = rowsInFile(2);
    store.write(0, Float32Array.of(1, 2));
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('attune-rows-'))).toEqual([]);
    store.close();
  });

  it('are an error of the storage where the disk is', () => {
    expect(() => rowsInFile(2, '/nowhere/at/all')).toThrow(
      expect.objectContaining({ name: 'StorageError', code: 'NOT_FOUND' }),
    );
    const store = rowsInFile(2);
    expect(() => store.read(0, new Float32Array(2))).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
    store.close();
  });
});
