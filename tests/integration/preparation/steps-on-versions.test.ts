import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

// Rows are the same rows, whether they are read of the file that was sent or of the version that was made of it.

let room: PreparationRoom;
let uploadedRows: () => Promise<Record<string, unknown>[]>;
let versionRows: Record<string, unknown>[];

const allTrain = { fractions: [{ name: 'train', fraction: 1 }] };
const lines = Array.from({ length: 30 }, (_, i) => {
  const text = i % 10 === 9 ? 'The same words as in other rows' : `Message ${i} about the delivery of a parcel`;
  return `${text},${i % 7 === 0 ? '' : i},${i % 3 === 0 ? 'Yes' : 'no'},${i % 2 === 0}\n`;
});
const csv = `text,number,category,flag\n${lines.join('')}`;

beforeAll(async () => {
  room = await openPreparationRoom();
  uploadedRows = async () => [{ upload: { uploadId: await room.upload(csv) } }];
  const version = await room.prepare({ sources: await uploadedRows(), split: allTrain });
  versionRows = [{ version: { datasetVersionId: version.id } }];
});
afterAll(() => room?.[Symbol.asyncDispose]());

const steps: Record<string, object> = {
  collapseWhiteSpace: {},
  changeCase: { to: 'UPPER' },
  replacePattern: { pattern: 'parcel', replacement: 'letter' },
  mapLabels: { column: 'category', labels: [{ from: 'Yes', to: 'YES' }] },
  renameColumns: { names: [{ from: 'text', to: 'words' }] },
  mergeColumns: { columns: ['text', 'category'], as: 'merged', separator: '|' },
  castColumn: { column: 'number', to: 'FLOAT' },
  dropColumns: { columns: ['text'] },
  markMissing: { column: 'number', as: 'without' },
  fillMissing: { columns: ['number'], by: 'MEAN' },
  dropMissing: { columns: ['number'] },
  assignFolds: { folds: 3 },
  filterLanguage: { column: 'text', action: 'MARK', as: 'language' },
  filterLength: { column: 'text', unit: 'WORDS', atLeast: 7 },
  resolveLabelConflicts: { columns: ['text'], label: 'category', action: 'MARK', markColumn: 'conflicts' },
  dropDuplicates: { columns: ['text'], match: 'NORMALIZED' },
  maskPersonalData: { columns: ['text'] },
  sampleRows: { count: 10 },
};
const all = Object.entries(steps)
  .filter(([kind]) => kind !== 'renameColumns' && kind !== 'dropColumns')
  .map(([kind, fields]) => ({ [kind]: fields }));

test.each([
  ...Object.entries(steps).map(([kind, fields]) => [kind, [{ [kind]: fields }]] as const),
  ['all of them', all] as const,
])('%s does the same with rows of a version as with those of its file', async (_, recipe) => {
  const ofFile = await room.prepare({ sources: await uploadedRows(), split: allTrain, recipe });
  const ofVersion = await room.prepare({ sources: versionRows, recipe });
  expect(await room.rowsOf(ofVersion)).toEqual(await room.rowsOf(ofFile));
  expect(ofVersion.steps).toEqual(ofFile.steps);
  expect(ofVersion.columns).toEqual(ofFile.columns);
});
