import { expect, it } from 'vitest';
import { runRecipe } from '../../../../gpu-worker/preparation/run-recipe.js';
import { Recipe } from '../../../../src/protocol/preparation/recipe.js';
import { openStepDatabase, rowNumbers } from '../../../support/step-database.js';

it('reports in a recipe which row doubles which, and why', async () => {
  using tables = await openStepDatabase();
  const rows = await tables.load({ text: 'TEXT', label: 'TEXT' }, [
    { split: 'train', values: ['A fine film', 'pos'] },
    { split: 'train', values: ['a fine film!', 'neg'] },
    { split: 'train', values: ['A fine film', 'pos'] },
    { split: 'train', values: ['dull', 'neg'] },
    { split: 'test', values: ['Dull.', 'neg'] },
  ]);
  const usual = { near: null, keep: 'first', splitOrder: [], versions: [] };
  const recipe = Recipe.parse([
    {
      kind: 'resolveLabelConflicts',
      columns: ['text'],
      match: 'normalized',
      label: 'label',
      action: 'majority',
      ties: 'drop',
      markColumn: null,
    },
    {
      ...usual,
      kind: 'dropDuplicates',
      columns: ['text'],
      match: 'normalized',
      scope: 'splits',
      splitOrder: ['test', 'train'],
    },
    { ...usual, kind: 'dropDuplicates', columns: ['text', 'label'], match: 'exact', scope: 'rows' },
  ]);
  const { table, reports } = await runRecipe(recipe, rows, tables.tools);
  expect(await rowNumbers(tables.database, table)).toEqual([0, 1, 4]);
  const folded = 'The two differ in case, white space, punctuation or forms of characters at most.';
  const [resolved, leaked, doubled] = reports;
  expect(resolved).toMatchObject({ changed: 1, dropped: 0, added: 0 });
  expect(resolved?.examples).toEqual([
    {
      change: 'CHANGED',
      row: 1,
      otherRow: 0,
      reason: 'Its label became the one that 2 of 3 equal rows have.',
      before: [{ column: 'label', text: 'neg' }],
      after: [{ column: 'label', text: 'pos' }],
    },
  ]);
  expect(leaked).toMatchObject({ changed: 0, dropped: 1, examples: [{ row: 3, otherRow: 4, reason: folded }] });
  expect(doubled).toMatchObject({ dropped: 1, examples: [{ row: 2, otherRow: 0, reason: 'The two are equal.' }] });
});

it('counts and shows the rows that a step marks', async () => {
  using tables = await openStepDatabase();
  const rows = await tables.load({ text: 'TEXT', label: 'TEXT' }, [
    { values: ['A fine film', 'pos'] },
    { values: ['dull', 'neg'] },
    { values: ['A fine film', 'neg'] },
  ]);
  const usual = { columns: ['text'], match: 'exact', label: 'label', ties: 'drop' };
  const recipe = Recipe.parse([{ ...usual, kind: 'resolveLabelConflicts', action: 'mark', markColumn: 'conflict' }]);
  const { reports } = await runRecipe(recipe, rows, tables.tools);
  const reason = 'An equal row has another label.';
  const after = [{ column: 'conflict', text: 'pos (1), neg (1)' }];
  expect(reports).toMatchObject([{ changed: 2, dropped: 0, added: 0, columnsAdded: ['conflict'] }]);
  expect(reports[0]?.examples).toEqual([
    { change: 'CHANGED', row: 0, otherRow: 2, reason, before: [], after },
    { change: 'CHANGED', row: 2, otherRow: 0, reason, before: [], after },
  ]);
});
