import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenExampleReader, openExampleReader } from '../../../src/datasets/example-reader.js';
import type { ArtifactStore } from '../../../src/storage/artifact-store.js';
import { openDuckDb } from '../../../src/storage/duckdb.js';
import { openFileSystemStore } from '../../../src/storage/file-system-store.js';
import { damage, damages } from '../../support/damage.js';

let folder: string;
let store: ArtifactStore;
let examples: OpenExampleReader;
let digest: string;
let intact: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-damaged-'));
  store = await openFileSystemStore({ root: join(folder, 'artifacts') });
  examples = await openExampleReader(store, join(folder, 'reading'));
  const path = join(folder, 'version.parquet');
  const duckdb = await openDuckDb({ path: ':memory:', threads: 1, memoryLimitMb: 256, temporaryFolder: folder }, 1);
  await duckdb.query(
    `COPY (SELECT range AS __attune_row, 'train' AS __attune_split, hash(range)::VARCHAR AS text FROM range(5000))
       TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  duckdb.close();
  digest = (await store.adopt(path)).digest;
  intact = await store.read(digest);
});
afterAll(async () => {
  examples?.close();
  await rm(folder, { recursive: true, force: true });
});

test.each(damages)('a dataset file that is %s is told as such, and not as a fault of the server', async (how) => {
  await damage(store, digest, how);
  const code = how === 'missing' ? 'NOT_FOUND' : 'CORRUPT';
  const reading = [
    () => examples.readExamples({ digest, split: null, afterRow: null, limit: 5000 }),
    () => examples.sampleTexts({ digest, split: 'train', textColumns: ['text'], limit: 5000 }),
  ];
  for (const read of reading) {
    await expect(read()).rejects.toMatchObject({
      name: 'StorageError',
      code,
      message: expect.stringContaining(digest),
    });
  }
  await store.write(intact);
  expect(await examples.readExamples({ digest, split: null, afterRow: null, limit: 3 })).toHaveLength(3);
});

test('a statement that DuckDB refuses for another reason stays what it is', async () => {
  await expect(examples.countLabels({ digest, textColumns: ['nothing'], labelColumns: ['none'] })).rejects.toThrow(
    /Binder Error/,
  );
});
