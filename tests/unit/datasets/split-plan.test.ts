import { describe, expect, test } from 'vitest';
import { checkSplitNames, toSplitPlan } from '../../../gpu-worker/preparation/ingestion/split-plan.js';
import type { StagedColumn } from '../../../gpu-worker/preparation/ingestion/staging.js';
import { requireCheckedRecipe } from '../../../src/datasets/preparation/require-checked-recipe.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { SplitRequest } from '../../../src/protocol/datasets/split-request.js';
import { Recipe } from '../../../src/protocol/preparation/recipe.js';

const columns: StagedColumn[] = [
  { name: 'subject', type: 'TEXT', expression: 'c0' },
  { name: 'count', type: 'INTEGER', expression: 'c1' },
  { name: 'body', type: 'TEXT', expression: 'c2' },
];

const drawn = (changes: Partial<Extract<SplitRequest, { kind: 'drawn' }>> = {}): SplitRequest => ({
  kind: 'drawn',
  fractions: [
    { name: 'train', fraction: 0.8 },
    { name: 'validation', fraction: 0.1 },
    { name: 'test', fraction: 0.1 },
  ],
  seed: 7,
  stratifyBy: null,
  keepTogether: [],
  ...changes,
});

/** Path and code of each problem. */
function problemsOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems.map(({ path, code }) => `${path.join('.')} ${code}`);
    throw error;
  }
  return [];
}

describe('toSplitPlan', () => {
  test('keeps rows together that are equal in all columns of text, unless others are named', () => {
    expect(toSplitPlan(drawn(), columns).keepTogether).toEqual(['subject', 'body']);
    expect(toSplitPlan(drawn({ keepTogether: ['body'] }), columns).keepTogether).toEqual(['body']);
  });

  test('keeps rows together by their words too: a text beside them may be a label', () => {
    const tagged: StagedColumn[] = [
      { name: 'words', type: 'TEXT_LIST', expression: 'c0' },
      { name: 'heads', type: 'INTEGER_LIST', expression: 'c1' },
      { name: 'tags', type: 'TEXT_LIST', expression: 'c2' },
    ];
    expect(toSplitPlan(drawn(), tagged).keepTogether).toEqual(['words', 'tags']);
    const intent: StagedColumn = { name: 'intent', type: 'TEXT', expression: 'c3' };
    expect(toSplitPlan(drawn(), [...tagged, intent]).keepTogether).toEqual(['words', 'tags', 'intent']);
  });

  test('refuses to stratify by a column of lists', () => {
    const lists: StagedColumn[] = [{ name: 'labels', type: 'TEXT_LIST', expression: 'c0' }];
    expect(problemsOf(() => toSplitPlan(drawn({ stratifyBy: 'labels' }), lists))).toEqual([
      'split.stratifyBy WRONG_COLUMN_TYPE',
    ]);
  });

  test('accepts fractions whose sum is 1 but for the error of binary numbers', () => {
    expect(0.7 + 0.2 + 0.1).not.toBe(1);
    const fractions = [0.7, 0.2, 0.1].map((fraction, index) => ({ name: `s${index}`, fraction }));
    expect(problemsOf(() => toSplitPlan(drawn({ fractions }), columns))).toEqual([]);
  });

  test('tells all that is wrong at once', () => {
    const request = drawn({
      fractions: [
        { name: 'train set', fraction: 0.5 },
        { name: 'test', fraction: 0 },
        { name: 'test', fraction: 0.5 },
      ],
      stratifyBy: 'label',
      keepTogether: ['body', 'text'],
    });
    expect(problemsOf(() => toSplitPlan(request, columns))).toEqual([
      'split.fractions.0.name INVALID_VALUE',
      'split.fractions.1.fraction INVALID_VALUE',
      'split.fractions.2.name INVALID_VALUE',
      'split.stratifyBy UNKNOWN_COLUMN',
      'split.keepTogether.1 UNKNOWN_COLUMN',
    ]);
  });

  test.each([
    ['no splits', []],
    ['a sum of 0.9', [{ name: 'a', fraction: 0.9 }]],
    ['a fraction that is not a number', [{ name: 'a', fraction: Number.NaN }]],
  ])('refuses %s', (_, fractions) => {
    expect(problemsOf(() => toSplitPlan(drawn({ fractions }), columns))).toHaveLength(1);
  });

  test('refuses a split column that is not there', () => {
    expect(problemsOf(() => toSplitPlan({ kind: 'column', column: 'split' }, columns))).toEqual([
      'splitColumn UNKNOWN_COLUMN',
    ]);
  });
});

describe('requireCheckedRecipe', () => {
  const version = { kind: 'version', columns, leftOutColumns: [] } as const;
  const file = { kind: 'upload' } as const;
  const dropBody = Recipe.parse([{ kind: 'dropColumns', columns: ['body'] }]);
  const check = (source: typeof version | typeof file, split: SplitRequest, recipe: Recipe = []) =>
    problemsOf(() => requireCheckedRecipe(recipe, [source], { roles: [], split }));
  const halves = [1, 2].map((i) => ({ name: `s${i}`, fraction: 0.4 }));

  test('tells wrong fractions before any row is read, whatever the source is', () => {
    for (const source of [version, file]) {
      expect(check(source, drawn({ fractions: halves }))).toEqual(['split.fractions INVALID_VALUE']);
      expect(check(source, drawn())).toEqual([]);
    }
  });

  test('tells columns that the rows have not after the recipe, as far as they are known', () => {
    const request = drawn({ stratifyBy: 'body', keepTogether: ['subject', 'body'] });
    expect(check(version, request)).toEqual([]);
    expect(check(version, request, dropBody)).toEqual([
      'split.stratifyBy UNKNOWN_COLUMN',
      'split.keepTogether.1 UNKNOWN_COLUMN',
    ]);
    expect(check(version, { kind: 'column', column: 'part' })).toEqual(['splitColumn UNKNOWN_COLUMN']);
    expect(check(file, request, dropBody)).toEqual([]);
    expect(check(file, { kind: 'column', column: 'part' })).toEqual([]);
  });

  test('tells faults of a recipe and of fractions together', () => {
    const wrong = Recipe.parse([{ kind: 'dropColumns', columns: ['nope'] }]);
    expect(check(version, drawn({ fractions: halves, stratifyBy: 'nope' }), wrong)).toEqual([
      'recipe.0.dropColumns.columns.0 UNKNOWN_COLUMN',
      'split.fractions INVALID_VALUE',
    ]);
  });
});

describe('checkSplitNames', () => {
  const check = (...values: (string | null)[]) =>
    problemsOf(() =>
      checkSplitNames(
        'part',
        values.map((value) => ({ value, rows: 3 })),
      ),
    );

  test('accepts names, and refuses missing ones, sentences and too many', () => {
    expect(check('train', 'dev-1', 'test')).toEqual([]);
    expect(check(null, 'train')).toEqual(['splitColumn INVALID_VALUE']);
    expect(check('train', 'a sentence')).toEqual(['splitColumn INVALID_VALUE']);
    expect(check(...Array.from({ length: 21 }, (_, index) => `s${index}`))).toEqual(['splitColumn INVALID_VALUE']);
  });
});
