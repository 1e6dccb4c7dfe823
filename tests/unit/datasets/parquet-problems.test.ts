import { expect, test } from 'vitest';
import { unreadable } from '../../../gpu-worker/preparation/ingestion/parquet-problems.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import { StorageError } from '../../../src/storage/storage-error.js';

// As DuckDB words them.
test.each([
  ['IO Error: MAP_KEY_VALUE requires two children', 'has a map whose entries lack their keys or their values.'],
  ['Out of Memory Error: failed to allocate data of size 2.0 GiB (196.1 KiB/244.1 MiB used)', 'needs more memory'],
  ['Failed to read file "/a/b": Unsupported page encoding', 'has an encoding that can not be read.'],
  [
    'Invalid Error: RLE encoding is only supported for boolean data',
    'has the encoding RLE, which can be read of boolean alone.',
  ],
  ['Invalid Error: TProtocolException: Invalid data', 'is not readable as Parquet.'],
])('%s', (message, told) => {
  const found = unreadable(new Error(message), ['uploadId']);
  expect(found).toBeInstanceOf(ProblemsError);
  const [problem] = (found as ProblemsError).problems;
  expect(problem).toMatchObject({ path: ['uploadId'], code: 'INVALID_FILE' });
  expect(problem!.message).toContain(told);
  expect(problem!.message).not.toContain('/a/b');
});

test('what is no fault of the file stays what it is', () => {
  const full = new StorageError('DISK_FULL', 'no space');
  expect(unreadable(full, [])).toBe(full);
});
