import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room?.[Symbol.asyncDispose]());

const train = [
  'text,label',
  'The quick brown fox jumps over the lazy dog,animals',
  'the quick brown fox jumps over the lazy dog!,plants',
  'The quick brown fox jumps over the lazy dog,animals',
  'Stocks fell sharply on Monday after the news,money',
  'Stocks fell sharply on Tuesday after the news,money',
  'It rains,weather',
].join('\n');
const test1 = 'text,label\n"Stocks fell sharply on Monday, after the news",money\nSnow is near,weather\n';

async function sources() {
  return [
    { upload: { uploadId: await room.upload(train), split: 'train' } },
    { upload: { uploadId: await room.upload(test1), split: 'test' } },
  ];
}

describe('duplicates through the graph', () => {
  test('are dropped within a version, between splits and against an evaluation set', async () => {
    const whole = await room.prepare({ sources: await sources() });
    const evaluation = await room.prepare({
      sources: [{ upload: { uploadId: await room.upload('question\nit RAINS.\n'), split: 'test' } }],
    });
    const version = await room.prepare({
      sources: [{ version: { datasetVersionId: whole.id } }],
      recipe: [
        { dropDuplicates: { columns: ['text', 'label'] } },
        {
          dropDuplicates: {
            columns: ['text'],
            match: 'NEAR',
            near: { threshold: 0.6, shingleSize: 1 },
            scope: 'SPLITS',
            splitOrder: ['test'],
          },
        },
        {
          dropDuplicates: {
            columns: ['text'],
            match: 'NORMALIZED',
            scope: 'VERSIONS',
            versions: [{ datasetVersionId: evaluation.id, columns: ['question'] }],
          },
        },
      ],
    });
    expect(await room.rowsOf(version)).toEqual([
      { split: 'train', text: 'The quick brown fox jumps over the lazy dog', label: 'animals' },
      { split: 'train', text: 'the quick brown fox jumps over the lazy dog!', label: 'plants' },
      { split: 'test', text: 'Stocks fell sharply on Monday, after the news', label: 'money' },
      { split: 'test', text: 'Snow is near', label: 'weather' },
    ]);
    const [equal, leaked, evaluated] = version.steps;
    expect(equal?.examples).toMatchObject([{ change: 'DROPPED', row: 2, otherRow: 0, reason: 'The two are equal.' }]);
    // 8 words are shared of 8, and 7 of 9.
    expect(leaked?.examples).toMatchObject([
      { row: 3, otherRow: 6, reason: 'Of the shingles of both, the two share 100 %.' },
      { row: 4, otherRow: 6, reason: 'Of the shingles of both, the two share 77 %.' },
    ]);
    expect(evaluated?.examples).toMatchObject([
      { row: 5, otherRow: null, reason: `It is a copy of row 0 of the dataset version ${evaluation.id}.` },
    ]);
  });

  test('with different labels are voted on, and the recipe can be read and sent again', async () => {
    const step = { columns: ['text'], match: 'NORMALIZED', label: 'label', action: 'MAJORITY' };
    const version = await room.prepare({ sources: await sources(), recipe: [{ resolveLabelConflicts: step }] });
    expect((await room.rowsOf(version)).map(({ label }) => label)).toEqual([
      ...['animals', 'animals', 'animals', 'money', 'money', 'weather', 'money', 'weather'],
    ]);
    const { node } = await room.api.request<{ node: { steps: { step: { resolveLabelConflicts: object } }[] } }>(
      /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on DatasetVersion { steps { step {
        resolveLabelConflicts { columns match label action ties markColumn } } } } } }`,
      { id: version.id },
    );
    const read = node.steps[0]!.step.resolveLabelConflicts;
    expect(read).toEqual({ ...step, ties: 'DROP', markColumn: null });
    const again = await room.prepare({ sources: await sources(), recipe: [{ resolveLabelConflicts: read }] });
    expect(again.digest).toBe(version.digest);
  });

  test('are previewed', async () => {
    const preview = await room.preview({
      sources: await sources(),
      recipe: [{ dropDuplicates: { columns: ['text'], match: 'NORMALIZED' } }],
    });
    expect(preview).toMatchObject({ steps: [{ rowsBefore: 8, rowsAfter: 5, dropped: 3 }] });
  });

  test('are refused with settings that make no sense, and versions of nobody', async () => {
    const problems = async (settings: object) =>
      (await room.problemsOf({ sources: await sources(), recipe: [{ dropDuplicates: settings }] })).map(
        ({ code, path }) => `${path.slice(2).join('.')} ${code}`,
      );
    expect(await problems({ columns: ['txt'] })).toEqual(['dropDuplicates.columns.0 UNKNOWN_COLUMN']);
    expect(await problems({ columns: ['text'], scope: 'SPLITS' })).toEqual(['dropDuplicates.splitOrder INVALID_VALUE']);
    expect(await problems({ columns: ['text'], scope: 'SPLITS', splitOrder: ['tset'] })).toEqual([
      'dropDuplicates.splitOrder.0 UNKNOWN_SPLIT',
    ]);
    expect(await problems({ columns: ['text'], match: 'NEAR', near: { threshold: 0.1 } })).toEqual([
      'dropDuplicates.near.threshold INVALID_VALUE',
    ]);
    expect(
      await problems({ columns: ['text'], scope: 'VERSIONS', versions: [{ datasetVersionId: 'nothing' }] }),
    ).toEqual(['dropDuplicates.versions.0.datasetVersionId NOT_FOUND']);
  });
});
