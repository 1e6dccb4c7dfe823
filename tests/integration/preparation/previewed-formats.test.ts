import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { previewRows } from '../../../gpu-worker/preparation/preview-rows.js';
import { openFileWorkshop } from '../../support/ingested-file.js';

test('a preview tells the format and the encoding that were found', async () => {
  await using workshop = await openFileWorkshop();
  const path = join(workshop.root, 'rows');
  await writeFile(path, 'text;label\nGrüße;ja\n', 'latin1');
  const { formats, notices, rows } = await previewRows(
    {
      sources: [
        {
          kind: 'upload',
          uploadId: '00000000-0000-4000-8000-000000000000',
          fileName: 'rows.txt',
          digest: '0'.repeat(64),
          format: 'AUTO',
          fileOptions: null,
          split: null,
          path,
        },
      ],
      recipe: [],
      maxRows: 10,
      folder: workshop.root,
      versionPath: async () => Promise.reject(new Error('no version is read')),
      tokenCounter: async () => Promise.reject(new Error('no token is counted')),
      maskedModel: async () => Promise.reject(new Error('no model is opened')),
    },
    { threads: 1, memoryLimitMb: 256 },
    () => undefined,
  );
  expect(formats).toEqual(['CSV']);
  expect(notices.map(({ code }) => code)).toEqual(['ENCODING_RECOGNISED']);
  expect(rows).toEqual([{ row: 0, values: ['Grüße', 'ja'] }]);
});
