import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDeletionService, type DeletionService } from '../../../src/deletion/deletion.service.js';
import { StorageError } from '../../../src/storage/storage-error.js';
import { type DatasetRoom, oneSplit, openDatasetRoom } from '../../support/dataset-room.js';

/** Versions that are made from real files, deleted, and made again. */

let room: DatasetRoom;
let dataSource: DataSource;
let deletions: DeletionService;

beforeAll(async () => {
  room = await openDatasetRoom();
  dataSource = room.dataSource;
  deletions = createDeletionService({
    dataSource,
    store: room.store,
    onSweepFailed: (error) => {
      throw error;
    },
  });
});
afterAll(() => room.close());

async function send(content: string): Promise<string> {
  for (;;) {
    try {
      return await room.send(content);
    } catch (error) {
      // Equal bytes were removed at that moment: a client is told to send the file again.
      if (!(error instanceof StorageError && error.code === 'NOT_FOUND')) throw error;
    }
  }
}

const add = async (datasetId: string, content: string): Promise<string> =>
  room.datasets.addDatasetVersion({
    datasetId,
    uploadId: await send(content),
    fileOptions: null,
    split: oneSplit,
    idempotencyKey: null,
  });

const remove = (id: string) => deletions.delete('DatasetVersion', id, { cascade: false, dryRun: false }, []);

const numbersOf = async (datasetId: string): Promise<readonly number[]> => {
  const rows: { number: number }[] = await dataSource.query(
    'SELECT number FROM dataset_versions WHERE dataset_id = $1 ORDER BY number',
    [datasetId],
  );
  return rows.map(({ number }) => number);
};

test('the number of a deleted version is not given again, even when no version is left', async () => {
  const datasetId = await room.create({ uploadId: await send('text,label\na,x\n') });
  const second = await add(datasetId, 'text,label\nb,y\n');
  await remove(second);
  const third = await add(datasetId, 'text,label\nc,y\n');
  expect(await numbersOf(datasetId)).toEqual([1, 3]);
  const [first] = await dataSource.query('SELECT id FROM dataset_versions WHERE dataset_id = $1 AND number = 1', [
    datasetId,
  ]);
  await remove(first.id);
  await remove(third);
  await add(datasetId, 'text,label\nd,y\n');
  expect(await numbersOf(datasetId)).toEqual([4]);
});

test('equal rows that are sent while their version is deleted have their files', async () => {
  const content = 'text,label\nthe same,x\n';
  const datasetId = await room.create({ uploadId: await send(content) });
  let [{ id: last }] = await dataSource.query('SELECT id FROM dataset_versions WHERE dataset_id = $1', [datasetId]);
  for (let i = 0; i < 5; i += 1) {
    const [added] = await Promise.all([add(datasetId, content), remove(last)]);
    const [row] = await dataSource.query('SELECT digest, source_digest AS source FROM dataset_versions WHERE id = $1', [
      added,
    ]);
    expect(await room.store.has(row.digest)).toBe(true);
    expect(await room.store.has(row.source)).toBe(true);
    last = added;
  }
  await remove(last);
  const left = await dataSource.query(
    'SELECT digest FROM artifacts WHERE digest IN (SELECT digest FROM artifact_removals)',
  );
  expect(left).toEqual([]);
});
