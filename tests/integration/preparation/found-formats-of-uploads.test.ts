import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DatasetRoom, oneSplit, openDatasetRoom } from '../../support/dataset-room.js';
import { zipOf } from '../../support/zip-file.js';

let room: DatasetRoom;
beforeAll(async () => {
  room = await openDatasetRoom();
});
afterAll(() => room.close());

/** Uploads a file without saying its format. */
async function upload(fileName: string, content: Uint8Array): Promise<string> {
  const { projectId, uploads } = room;
  const { id } = await uploads.createUpload({ projectId, fileName, format: 'AUTO', idempotencyKey: null });
  expect(await uploads.receive(id, 'AUTO', Readable.from([content]))).not.toBeNull();
  return id;
}

test('an upload without a format becomes a version with the one that was found, and with roles', async () => {
  const rows = Array.from({ length: 8 }, (_, index) => ({
    text: `Grüße, das ist die Nachricht ${index}`,
    intent: index % 2 === 0 ? 'hallo' : 'ende',
  }));
  const uploadId = await upload('rows.json.gz', gzipSync(Buffer.from(JSON.stringify(rows), 'latin1')));
  const [version] = await room.versionsOf(await room.create({ uploadId, split: oneSplit }));
  expect(version).toMatchObject({ format: 'JSON', exampleCount: '8', rejectedCount: '0' });
  expect(version!.notices.map(({ code }) => code)).toEqual(['ENCODING_RECOGNISED']);
  const [row] = await room.dataSource.query('SELECT roles FROM dataset_versions WHERE id = $1', [version!.id]);
  expect(row.roles).toEqual([
    { column: 'text', role: 'TEXT', source: 'GUESSED', reason: 'its values are the only texts' },
    { column: 'intent', role: 'LABEL', source: 'GUESSED', reason: 'its name says so' },
  ]);
});

test('options of the file are kept with its version', async () => {
  const zip = await zipOf({ 'a.csv': 'a;b\n1;2\n', 'b.txt': 'c\n1\n' });
  const fileOptions = { delimited: null, conll: null, listColumns: [], archivedFiles: ['a.csv'] };
  const [version] = await room.versionsOf(
    await room.create({ uploadId: await upload('two.zip', zip), fileOptions, split: oneSplit }),
  );
  expect(version).toMatchObject({ format: 'CSV', exampleCount: '1', fileOptions: { archivedFiles: ['a.csv'] } });
});
