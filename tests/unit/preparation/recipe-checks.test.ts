import { expect, test } from 'vitest';
import { runStep } from '../../../gpu-worker/preparation/steps/index.js';
import { checkRecipe } from '../../../src/preparation/checks/recipe.js';
import { columnsAfter } from '../../../src/preparation/checks/step-columns.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';
import { PreparationStep, Recipe } from '../../../src/protocol/preparation/recipe.js';
import { openStepDatabase } from '../../support/step-database.js';

// What a recipe is refused for when it arrives is what the worker would find, and nothing else.

const types: Readonly<Record<string, ColumnType>> = {
  text: 'TEXT',
  other: 'TEXT',
  tags: 'TEXT_LIST',
  label: 'TEXT',
  count: 'INTEGER',
  score: 'FLOAT',
  isNew: 'BOOLEAN',
  raw: 'JSON',
  at: 'TIMESTAMP',
};
const names = [...Object.keys(types), 'nope'];

/** A step of each kind that names columns, for each column, and pairs of them. */
function stepsOn(column: string, second: string): object[] {
  const twice = [column, second];
  const texts = { columns: twice };
  const kept = { scope: 'rows', keep: 'first', splitOrder: [], versions: [] };
  return [
    { kind: 'collapseWhiteSpace', ...texts },
    { kind: 'normalizeUnicode', form: 'NFC', ...texts },
    { kind: 'removeControlCharacters', ...texts },
    { kind: 'repairMojibake', ...texts },
    { kind: 'htmlToText', ...texts },
    { kind: 'changeCase', to: 'lower', ...texts },
    { kind: 'replacePattern', pattern: 'a', replacement: 'b', firstOnly: false, ...texts },
    {
      kind: 'maskPersonalData',
      kinds: ['EMAIL'],
      phoneRegions: [],
      leastConfidence: 0.5,
      mask: 'LABEL',
      seed: 1,
      ...texts,
    },
    { kind: 'dropColumns', columns: twice },
    { kind: 'dropMissing', columns: twice, when: 'ANY' },
    { kind: 'dropDuplicates', columns: twice, match: 'exact', ...kept },
    { kind: 'dropDuplicates', columns: twice, match: 'normalized', ...kept },
    {
      kind: 'resolveLabelConflicts',
      columns: [column],
      match: 'exact',
      label: second,
      action: 'mark',
      ties: 'drop',
      markColumn: 'seen',
    },
    {
      kind: 'drawSplits',
      fractions: [
        { name: 'train', fraction: 0.5 },
        { name: 'test', fraction: 0.5 },
      ],
      seed: 1,
      stratifyBy: column,
      groupBy: [second],
    },
    { kind: 'assignFolds', column: 'fold', folds: 2, seed: 1, stratifyBy: column, groupBy: [second] },
    {
      kind: 'splitByTime',
      column,
      splits: ['train', 'test'],
      fractions: [0.5, 0.5],
      cuts: null,
      splitOfMissing: 'train',
    },
    ...[['2024-01-03'], ['2'], ['soon'], ['1.5'], ['9'.repeat(20)], ['2024-02-30'], [' 2024/1/3'], ['infinity']].map(
      (cuts) => ({ kind: 'splitByTime', column, splits: ['train', 'test'], cuts, splitOfMissing: 'train' }),
    ),
    { kind: 'splitFromColumn', column, splitOfMissing: 'train' },
    ...['TEXT', 'INTEGER', 'TIMESTAMP'].map((to) => ({ kind: 'castColumn', column, to, others: 'REMOVE' })),
    { kind: 'fillMissing', columns: [column], by: 'MODE', groupBy: second },
    { kind: 'fillMissing', columns: twice, by: 'MEDIAN' },
    { kind: 'markMissing', column, as: 'is missing' },
    { kind: 'mapLabels', column, labels: [{ from: 'x', to: 'y' }], ignoreWhiteSpace: false, others: 'KEEP' },
    { kind: 'renameColumns', names: [{ from: column, to: second }] },
    { kind: 'renameColumns', names: [{ from: column, to: 'fresh' }] },
    { kind: 'mergeColumns', columns: twice, as: 'merged', separator: ' ', dropMerged: false },
    { kind: 'mergeColumns', columns: twice, as: column, separator: ' ', dropMerged: true },
    {
      kind: 'filterRows',
      where: {
        operator: 'and',
        conditions: [
          { operator: 'isPresent', column },
          { operator: 'not', condition: { operator: 'isMissing', column: second } },
        ],
      },
    },
    { kind: 'filterLength', column, unit: 'words', atLeast: 0, keepMissing: true },
    {
      kind: 'filterLanguage',
      column,
      action: 'MARK',
      languages: [],
      minConfidence: 0.5,
      keepUnknown: true,
      as: second,
    },
    { kind: 'sampleRows', seed: 1, share: 0.9, within: { kind: 'column', column } },
  ];
}

test('a step is refused for its columns where the worker refuses it, in the same words; else its columns are foretold', async () => {
  const rows = Array.from({ length: 8 }, (_, i) => ({
    split: i < 6 ? 'train' : 'test',
    values: {
      text: `a text ${i}`,
      other: `b ${i}`,
      tags: ['x'],
      label: i % 2 ? 'x' : 'y',
      count: i,
      score: i / 2,
      isNew: true,
      raw: [],
      at: `2024-01-0${i + 1}`,
    },
  }));
  using database = await openStepDatabase();
  const table = await database.load(types, rows);
  const columns = Object.entries(types).map(([name, type]) => ({ name, type }));
  const kinds = new Set<string>();
  let refused = 0;
  let done = 0;
  for (const column of names) {
    for (const second of ['other', 'tags', column, 'nope']) {
      for (const given of stepsOn(column, second)) {
        const parsed = PreparationStep.safeParse(given);
        expect(parsed.error?.issues ?? []).toEqual([]);
        const step = parsed.data!;
        const told = checkRecipe([step], columns).map((each) => ({ ...each, path: each.path.slice(3) }));
        const found = await runStep(step, table, { ...database.tools, step: 0 }).catch((error: unknown) => {
          if (error instanceof ProblemsError) return error;
          throw error;
        });
        kinds.add(step.kind);
        if (told.length > 0) {
          refused++;
          expect(found instanceof ProblemsError ? found.problems : [step, 'done']).toEqual(told);
        } else if (found instanceof ProblemsError) {
          // What only rows, or a condition's values, show.
          expect(
            found.problems.filter(({ code }) => code === 'UNKNOWN_COLUMN' || code === 'WRONG_COLUMN_TYPE'),
          ).toEqual([]);
        } else {
          done++;
          expect([step.kind, found.table.columns.map(({ name, type }) => ({ name, type }))]).toEqual([
            step.kind,
            columnsAfter(step, columns),
          ]);
        }
      }
    }
  }
  expect(kinds.size).toBe(26);
  expect(refused).toBeGreaterThan(300);
  expect(done).toBeGreaterThan(200);
}, 240_000);

test('cuts in time are refused where they are no values of the column, or do not ascend', () => {
  const problems = (type: ColumnType | null, ...cuts: string[]) => {
    const splits = ['a', 'b', 'c', 'd', 'e'].slice(0, cuts.length + 1);
    const steps = Recipe.parse([{ kind: 'splitByTime', column: 'at', splits, cuts }]);
    return checkRecipe(steps, type === null ? null : [{ name: 'at', type }]).map(
      ({ path, message }) => `${path.slice(3).join('.')}: ${message}`,
    );
  };
  const notAbove = (i: number, cut: string, before: string) =>
    `cuts.${i}: The cut “${cut}” is not above “${before}” before it.`;
  expect(problems(null, '2024-05-01', '2024-05-01T00:00:00.000001', '2024-05-01 12:30')).toEqual([]);
  expect(problems(null, '-1', '.5', '1e3', '2000')).toEqual([]);
  expect(problems(null, '2024-05-01', '2024-04-30')).toEqual([notAbove(1, '2024-04-30', '2024-05-01')]);
  expect(problems(null, '10', '9', '10', '10.0')).toEqual([notAbove(1, '9', '10'), notAbove(3, '10.0', '10')]);
  expect(problems(null, 'May', '2024-13-01')).toEqual([
    'cuts.0: The cut “May” is neither a time nor a number.',
    'cuts.1: The cut “2024-13-01” is neither a time nor a number.',
  ]);
  expect(problems('TIMESTAMP', '17')).toEqual(['cuts.0: “17” is no value of column “at”, which holds TIMESTAMP.']);
  expect(problems('INTEGER', '1.5')).toEqual(['cuts.0: “1.5” is no value of column “at”, which holds INTEGER.']);
  expect(problems('INTEGER', '9007199254740993', '9007199254740992')).toHaveLength(1);
  expect(problems('FLOAT', '2024-05-01')).toHaveLength(1);
  // Written in other ways that the database reads, they are compared by the worker.
  expect(problems('TIMESTAMP', '2024/5/1', 'infinity')).toEqual([]);
});

test('columns are followed through the steps, and after a wrong one nothing more is said of them', () => {
  const rename = { kind: 'renameColumns', names: [{ from: 'text', to: 'body' }] };
  const clean = (column: string) => ({ kind: 'collapseWhiteSpace', columns: [column] });
  const columns = [{ name: 'text', type: 'TEXT' as const }];
  const codes = (steps: readonly object[], known: typeof columns | null = columns) =>
    checkRecipe(Recipe.parse(steps), known).map(({ path, code }) => [path.join('.'), code]);
  expect(codes([rename, clean('body')])).toEqual([]);
  expect(codes([rename, clean('text'), clean('nope')])).toEqual([
    ['recipe.1.collapseWhiteSpace.columns.0', 'UNKNOWN_COLUMN'],
  ]);
  expect(codes([clean('nope')], null)).toEqual([]);
  const pattern = { kind: 'replacePattern', columns: ['text'], pattern: '(', replacement: '', firstOnly: false };
  expect(codes([clean('nope'), pattern], null)).toEqual([['recipe.1.replacePattern.pattern', 'INVALID_VALUE']]);
});
