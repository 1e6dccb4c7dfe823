import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPreparationRoom, type PreparationRoom } from '../../support/preparation-room.js';

let room: PreparationRoom;
beforeAll(async () => {
  room = await openPreparationRoom();
});
afterAll(() => room?.[Symbol.asyncDispose]());

/** 60 rows of 12 authors, every fourth without a score; each has one or two topics. */
const lines = Array.from({ length: 60 }, (_, i) => ({
  text: `text ${i}`,
  author: `author ${i % 12}`,
  topics: i % 3 === 0 ? ['news', 'sport'] : ['news'],
  day: `2024-01-${String(1 + (i % 30)).padStart(2, '0')}T00:00:00Z`,
  score: i % 4 === 0 ? null : i,
}));
const sources = async () => [
  { upload: { uploadId: await room.upload(lines.map((line) => JSON.stringify(line)).join('\n'), 'JSONL') } },
];
const fractions = [
  { name: 'train', fraction: 0.5 },
  { name: 'validation', fraction: 0.25 },
  { name: 'test', fraction: 0.25 },
];

describe('splits and gaps as steps of a recipe', () => {
  test('whole groups are drawn, gaps are filled by what train has, and folds are numbered', async () => {
    const recipe = [
      { drawSplits: { fractions, seed: 7, groupBy: ['author'], stratifyBy: 'topics', keepTogether: [] } },
      { markMissing: { column: 'score', as: 'no score' } },
      { fillMissing: { columns: ['score'], by: 'MEAN' } },
      { assignFolds: { folds: 3, ofSplits: ['train'] } },
    ];
    const version = await room.prepare({ sources: await sources(), recipe });
    expect(version.splits.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'test', exampleCount: 15 },
      { name: 'train', exampleCount: 30 },
      { name: 'validation', exampleCount: 15 },
    ]);
    const rows = await room.rowsOf(version);
    const splits = new Map<unknown, unknown>();
    for (const { author, split } of rows) {
      expect(splits.get(author) ?? split).toBe(split);
      splits.set(author, split);
    }
    const known = rows.filter((row) => row.split === 'train' && row['no score'] === false);
    const mean = known.reduce((sum, row) => sum + Number(row.score), 0) / known.length;
    for (const row of rows) if (row['no score'] === true) expect(Number(row.score)).toBe(Math.round(mean));
    const folds = rows.filter(({ split }) => split === 'train').map(({ fold }) => Number(fold));
    expect([0, 1, 2].map((number) => folds.filter((fold) => fold === number).length)).toEqual([10, 10, 10]);
    expect(version.steps.map(({ changed, columnsAdded }) => ({ changed, columnsAdded }))).toEqual([
      { changed: 60, columnsAdded: [] },
      { changed: 15, columnsAdded: ['no score'] },
      { changed: 15, columnsAdded: [] },
      { changed: 30, columnsAdded: ['fold'] },
    ]);
  });

  test('rows are divided by time, splits merged, and rows with gaps dropped', async () => {
    const recipe = [
      { dropMissing: { columns: ['score'] } },
      { splitByTime: { column: 'day', splits: ['train', 'dev', 'test'], cuts: ['2024-01-21', '2024-01-26'] } },
      {
        renameSplits: {
          names: [
            { from: 'dev', to: 'held-out' },
            { from: 'test', to: 'held-out' },
          ],
        },
      },
      { keepSplits: { splits: ['held-out'] } },
    ];
    const version = await room.prepare({ sources: await sources(), recipe });
    const expected = lines.filter((_, i) => i % 4 !== 0 && i % 30 >= 20);
    expect(version.splits).toEqual([{ name: 'held-out', exampleCount: expected.length }]);
    expect((await room.rowsOf(version)).map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
    expect(version.steps[0]).toMatchObject({ dropped: 15 });
    expect(version.steps[0]!.examples[0]).toMatchObject({ row: 0, reason: 'There is no value in “score”.' });
  });

  test('a column names the splits, whose numbers are read as the file has them', async () => {
    const csv = ['text,part,fold', 'a,train,01', 'b,,01', 'c,test,02', 'd,train,02'].join('\n');
    const ofCsv = async () => [{ upload: { uploadId: await room.upload(csv) } }];
    const splitFromColumn = { column: 'part', splitOfMissing: 'rest' };
    const version = await room.prepare({ sources: await ofCsv(), recipe: [{ splitFromColumn }] });
    const rows = await room.rowsOf(version);
    expect(rows.map(({ text, split }) => [text, split])).toEqual([
      ['a', 'train'],
      ['b', 'rest'],
      ['c', 'test'],
      ['d', 'train'],
    ]);
    // The column stays, and with it what it does not say.
    expect(rows.map(({ part }) => part)).toEqual(['train', null, 'test', 'train']);
    expect(version.steps).toMatchObject([{ changed: 4, dropped: 0, added: 0, columnsDropped: [] }]);

    const byNumber = await room.prepare({ sources: await ofCsv(), recipe: [{ splitFromColumn: { column: 'fold' } }] });
    expect(byNumber.splits.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: '01', exampleCount: 2 },
      { name: '02', exampleCount: 2 },
    ]);

    const { node } = await room.api.request<{ node: { steps: { step: object }[] } }>(
      /* GraphQL */ `query ($id: ID!) { node(id: $id) { ... on DatasetVersion {
        steps { step { splitFromColumn { column splitOfMissing } } } } } }`,
      { id: version.id },
    );
    expect(node.steps).toEqual([{ step: { splitFromColumn } }]);

    const problems = await room.problemsOf({
      sources: await ofCsv(),
      recipe: [{ splitFromColumn: { column: 'part' } }],
    });
    expect(problems).toMatchObject([{ path: ['recipe', '0', 'splitFromColumn', 'column'] }]);
    const unknown = await room.problemsOf({
      sources: await ofCsv(),
      recipe: [{ splitFromColumn: { column: 'prat' } }],
    });
    expect(unknown).toMatchObject([{ path: ['recipe', '0', 'splitFromColumn', 'column'], code: 'UNKNOWN_COLUMN' }]);
  });

  test('what is wrong is told with its place', async () => {
    const problemsOf = async (step: Record<string, unknown>) =>
      room.problemsOf({ sources: await sources(), recipe: [step] });
    expect(await problemsOf({ drawSplits: { fractions: fractions.slice(1) } })).toMatchObject([
      { path: ['recipe', '0', 'drawSplits', 'fractions'], message: 'The fractions sum to 0.5, not 1.' },
    ]);
    expect(await problemsOf({ assignFolds: { folds: 13, groupBy: ['author'] } })).toMatchObject([
      {
        path: ['recipe', '0', 'assignFolds', 'folds'],
        message: '60 rows, in 12 groups that stay together, are too few for 13 folds.',
      },
    ]);
    expect(await problemsOf({ keepSplits: { splits: ['train'] } })).toMatchObject([
      { path: ['recipe', '0', 'keepSplits', 'splits', '0'], code: 'UNKNOWN_SPLIT' },
    ]);
    expect(await problemsOf({ fillMissing: { columns: ['text'], by: 'MEAN' } })).toMatchObject([
      { path: ['recipe', '0', 'fillMissing', 'columns', '0'], code: 'WRONG_COLUMN_TYPE' },
    ]);
  });
});
