import { expect, test } from 'vitest';
import { runRecipe } from '../../../gpu-worker/preparation/run-recipe.js';
import { Recipe } from '../../../src/protocol/preparation/recipe.js';
import { openStepDatabase } from '../../support/step-database.js';

test('a recipe fills gaps by what train has, and gives folds; each step says which rows it changed', async () => {
  using database = await openStepDatabase();
  const rows = Array.from({ length: 40 }, (_, i) => ({
    values: { text: i === 7 ? ' ' : `text ${i}`, at: i, score: i === 39 ? null : i },
  }));
  const table = await database.load({ text: 'TEXT', at: 'INTEGER', score: 'FLOAT' }, rows);
  const recipe = Recipe.parse([
    { kind: 'dropMissing', columns: ['text'], when: 'ANY', blankIsMissing: true },
    {
      kind: 'splitByTime',
      column: 'at',
      splits: ['train', 'test'],
      fractions: null,
      cuts: ['30'],
      splitOfMissing: null,
    },
    { kind: 'markMissing', column: 'score', as: 'no score', blankIsMissing: false },
    {
      kind: 'fillMissing',
      columns: ['score'],
      by: 'MEDIAN',
      groupBy: null,
      learnFrom: null,
      blankIsMissing: false,
    },
    {
      kind: 'assignFolds',
      column: 'fold',
      folds: 5,
      seed: 1,
      stratifyBy: null,
      stratifyPairs: false,
      groupBy: [],
      keepTogether: null,
      ofSplits: ['train'],
    },
    { kind: 'renameSplits', names: [{ from: 'test', to: 'held-out' }] },
  ]);
  const { table: made, reports } = await runRecipe(recipe, table, database.tools);
  const result = await database.rows(made);
  expect(result).toHaveLength(39);
  // The middle one of the 29 numbers from 0 to 29 without 7.
  expect(result.at(-1)).toMatchObject({ row: 39, split: 'held-out', score: 15, 'no score': true, fold: null });
  const folds = result.filter(({ split }) => split === 'train').map(({ fold }) => fold);
  expect([0, 1, 2, 3, 4].map((number) => folds.filter((fold) => fold === number).length).sort()).toEqual([
    5, 6, 6, 6, 6,
  ]);
  expect(reports.map(({ changed, dropped, columnsAdded }) => ({ changed, dropped, columnsAdded }))).toEqual([
    { changed: 0, dropped: 1, columnsAdded: [] },
    { changed: 39, dropped: 0, columnsAdded: [] },
    // The row without a number, which is marked.
    { changed: 1, dropped: 0, columnsAdded: ['no score'] },
    { changed: 1, dropped: 0, columnsAdded: [] },
    // Those in train.
    { changed: 29, dropped: 0, columnsAdded: ['fold'] },
    { changed: 10, dropped: 0, columnsAdded: [] },
  ]);
  expect(reports[0]?.examples[0]).toMatchObject({ row: 7, reason: 'There is no value in “text”.' });
  expect(reports[2]?.examples).toMatchObject([
    { change: 'CHANGED', row: 39, before: [], after: [{ column: 'no score', text: 'true' }] },
  ]);
  expect(reports[1]?.examples[0]).toMatchObject({
    before: [{ column: 'split', text: null }],
    after: [{ column: 'split', text: 'train' }],
  });
});
