import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RowTable, StepOutcome, StepTools } from '../../../../gpu-worker/preparation/row-table.js';
import { runAssignFolds } from '../../../../gpu-worker/preparation/steps/assign-folds.js';
import { runKeepSplits } from '../../../../gpu-worker/preparation/steps/keep-splits.js';
import { runRenameSplits } from '../../../../gpu-worker/preparation/steps/rename-splits.js';
import { runSplitByTime } from '../../../../gpu-worker/preparation/steps/split-by-time.js';
import { runSplitFromColumn } from '../../../../gpu-worker/preparation/steps/split-from-column.js';
import type { ColumnType } from '../../../../src/protocol/datasets/column-type.js';
import type { AssignFolds, SplitByTime } from '../../../../src/protocol/preparation/steps/splits.js';
import { openStepDatabase, type StepDatabase, type TestRow, type Value } from '../../../support/step-database.js';

const problemsOf = (work: Promise<unknown>) =>
  work.then(
    () => [],
    (error: { readonly problems: readonly unknown[] }) => error.problems,
  );

async function splitsAfter(
  database: StepDatabase,
  table: RowTable,
  run: (table: RowTable, tools: StepTools) => Promise<StepOutcome>,
): Promise<(string | null)[]> {
  const before = await database.tables();
  const { table: divided } = await run(table, database.tools);
  expect(await database.tables()).toEqual([...before, divided.name].sort());
  return (await database.rows(divided)).map(({ split }) => split as string | null);
}

describe('splitByTime', () => {
  const plan: SplitByTime = {
    kind: 'splitByTime',
    column: 'at',
    splits: ['train', 'validation', 'test'],
    fractions: [0.8, 0.1, 0.1],
    cuts: null,
    splitOfMissing: null,
  };
  const divide = async (
    database: StepDatabase,
    type: ColumnType,
    values: readonly Value[],
    step: Partial<SplitByTime>,
  ) =>
    splitsAfter(
      database,
      await database.load(
        { at: type },
        values.map((at) => ({ values: { at } })),
      ),
      (table, tools) => runSplitByTime({ ...plan, ...step }, table, tools),
    );

  test('divides by fractions, the earliest rows first, whatever their order', async () => {
    using database = await openStepDatabase();
    const days = [10, 3, 7, 1, 9, 2, 8, 4, 6, 5];
    const times = days.map((day) => `2024-01-${String(day).padStart(2, '0')} 12:00:00`);
    const expected = days.map((day) => (day <= 8 ? 'train' : day === 9 ? 'validation' : 'test'));
    expect(await divide(database, 'TIMESTAMP', times, {})).toEqual(expected);
    expect(
      await divide(
        database,
        'TEXT',
        times.map((time) => `${time.replace(' ', 'T')}Z`),
        {},
      ),
    ).toEqual(expected);
    expect(await divide(database, 'INTEGER', days, {})).toEqual(expected);
    expect(await divide(database, 'FLOAT', days, {})).toEqual(expected);
  });

  test('divides at cuts: each is the first value of its split', async () => {
    using database = await openStepDatabase();
    const times = ['2024-01-31 23:59:59', '2024-02-01', '2024-02-29 12:00:00', '2024-03-01'];
    const cuts = ['2024-02-01', '2024-03-01T00:00:00'];
    expect(await divide(database, 'TIMESTAMP', times, { fractions: null, cuts })).toEqual([
      'train',
      'validation',
      'validation',
      'test',
    ]);
    expect(await divide(database, 'FLOAT', [1.5, -2, 0.5, 9], { fractions: null, cuts: ['0', '2.5'] })).toEqual([
      'validation',
      'train',
      'validation',
      'test',
    ]);
  });

  test('rows without a time are a problem, or go to a split', async () => {
    using database = await openStepDatabase();
    const values = [1, null, 2, null];
    const step = { splits: ['train', 'test'], fractions: [0.5, 0.5] };
    expect(await problemsOf(divide(database, 'INTEGER', values, step))).toMatchObject([
      {
        path: ['splitOfMissing'],
        code: 'REQUIRED',
        message: '2 rows have no number in column “at”; the first is row 1.',
      },
    ]);
    expect(await divide(database, 'INTEGER', values, { ...step, splitOfMissing: 'undated' })).toEqual([
      'train',
      'undated',
      'test',
      'undated',
    ]);
  });

  test('texts that are no times have none', async () => {
    using database = await openStepDatabase();
    const step = { splits: ['train', 'test'], fractions: null, cuts: ['2024-02-01'], splitOfMissing: 'undated' };
    const texts = ['2024-02-01', 'soon', '2024-01-31T23:59:59Z', '2024-02-01T00:30:00+01:00'];
    expect(await divide(database, 'TEXT', texts, step)).toEqual(['test', 'undated', 'train', 'train']);
  });

  test('says of texts that are no times which they are', async () => {
    using database = await openStepDatabase();
    const step = { splits: ['train', 'test'], fractions: [0.5, 0.5] };
    const problems = (type: ColumnType, values: readonly Value[], other: Partial<SplitByTime> = {}) =>
      problemsOf(divide(database, type, values, { ...step, ...other }));
    // Times that are written otherwise are a fault of a few values, and what is to be done is another than for gaps.
    expect(await problems('TEXT', ['2024-02-01', '1.2.2024', null, '3.2.2024', '2024-02-02'])).toMatchObject([
      {
        path: ['column'],
        code: 'INVALID_VALUE',
        message: '2 values of column “at” are no time; the first is “1.2.2024” in row 1.',
        hint: expect.stringContaining('2024-05-01T12:30:00'),
      },
      { path: ['splitOfMissing'], message: '1 row has no time in column “at”; the first is row 2.' },
    ]);
    // A column without any time is the wrong one, whatever becomes of rows without one.
    for (const splitOfMissing of [null, 'undated', 'train']) {
      expect(await problems('TEXT', [null, 'good', 'bad'], { splitOfMissing })).toEqual([
        {
          path: ['column'],
          code: 'INVALID_VALUE',
          message: 'No value of column “at” is a time, such as “good” in row 1.',
          hint: 'Choose a column of times or numbers.',
        },
      ]);
    }
    expect(await problems('INTEGER', [null, null], { splitOfMissing: 'undated' })).toMatchObject([
      { path: ['column'], message: 'Column “at” has no value in any row.' },
    ]);
    expect(await problems('TEXT', [null, ' \u00a0\n'])).toMatchObject([
      { path: ['column'], message: 'Column “at” has no value in any row.' },
    ]);
    // Blank texts are gaps, not times that are written otherwise.
    expect(await problems('TEXT', ['2024-02-01', '', null, ' ', '2024-02-02'])).toEqual([
      {
        path: ['splitOfMissing'],
        code: 'REQUIRED',
        message: '3 rows have no time in column “at”, 2 blank texts among them; the first is row 1.',
        hint: 'Name the split of such rows in splitOfMissing, or drop them before.',
      },
    ]);
    expect(await problems('TEXT', ['007', '1,024', "2'048", '12'])).toMatchObject([
      {
        path: ['column'],
        message: 'No value of column “at” is a time, such as “007” in row 0.',
        hint: expect.stringContaining('They are numbers, and the column holds TEXT'),
      },
    ]);
    expect(await problems('TEXT', ['2024-02-01', '2024', '2025', '2024-02-02'])).toMatchObject([
      {
        path: ['column'],
        message: '2 values of column “at” are no time; the first is “2024” in row 1.',
        hint: expect.stringContaining('2024 as 2024-01-01'),
      },
    ]);
  });

  test('says what is wrong, and where', async () => {
    using database = await openStepDatabase();
    const problems = (values: readonly number[], step: Partial<SplitByTime>) =>
      problemsOf(divide(database, 'INTEGER', values, step));
    expect(await problems([1, 1, 1], {})).toMatchObject([
      { path: ['splits', '1'], code: 'EMPTY_SPLIT' },
      { path: ['splits', '2'], code: 'EMPTY_SPLIT' },
    ]);
    expect(await problems([1], { fractions: null, cuts: ['1', 'two'] })).toMatchObject([
      { path: ['cuts', '1'], message: 'The cut “two” is neither a time nor a number.' },
    ]);
    expect(await problems([1], { fractions: null, cuts: ['1', '1.5'] })).toMatchObject([
      { path: ['cuts', '1'], message: '“1.5” is no value of column “at”, which holds INTEGER.' },
    ]);
    expect(await problems([1], { fractions: null, cuts: ['2', '2'] })).toMatchObject([
      { path: ['cuts', '1'], message: 'The cut “2” is not above “2” before it.' },
    ]);
    expect(await problems([1], { fractions: null, cuts: ['2'] })).toMatchObject([{ path: ['cuts'] }]);
    expect(await problems([1], { cuts: ['2', '3'] })).toMatchObject([{ path: ['fractions'] }]);
    expect(await problems([1], { splits: ['train', 'a b', 'test'] })).toMatchObject([{ path: ['splits', '1'] }]);
  });

  test('later splits have later times, none on both sides, and shares within the largest run of equal times', async () => {
    using database = await openStepDatabase();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30), { minLength: 60, maxLength: 120 }), async (values) => {
        const splits = await divide(database, 'INTEGER', values, { splits: ['train', 'test'], fractions: [0.7, 0.3] });
        const of = (split: string): number[] => values.filter((_, i) => splits[i] === split);
        expect(Math.max(...of('train'))).toBeLessThan(Math.min(...of('test')));
        const runs = values.map((value) => values.filter((other) => other === value).length);
        expect(Math.abs(of('train').length - 0.7 * values.length)).toBeLessThanOrEqual(Math.max(...runs) / 2 + 0.5);
      }),
      { numRuns: 25 },
    );
  });
});

describe('splitFromColumn, renameSplits and keepSplits', () => {
  const rows: TestRow[] = ['dev', 'train', null, 'test', 'train'].map((split) => ({ values: { part: split }, split }));

  test('a column names the splits; rows without a name are a problem, or go to a split', async () => {
    using database = await openStepDatabase();
    const load = () => database.load({ part: 'TEXT' }, rows);
    const step = { kind: 'splitFromColumn', column: 'part' } as const;
    expect(
      await splitsAfter(database, await load(), (table, tools) =>
        runSplitFromColumn({ ...step, splitOfMissing: 'rest' }, table, tools),
      ),
    ).toEqual(['dev', 'train', 'rest', 'test', 'train']);
    expect(
      await problemsOf(runSplitFromColumn({ ...step, splitOfMissing: null }, await load(), database.tools)),
    ).toMatchObject([{ path: ['column'], message: '1 row has no value in column “part”.' }]);
  });

  test('splits are renamed, and merged under one name', async () => {
    using database = await openStepDatabase();
    const rename = (names: readonly { readonly from: string; readonly to: string }[]) => async () =>
      runRenameSplits(
        { kind: 'renameSplits', names: [...names] },
        await database.load({ part: 'TEXT' }, rows),
        database.tools,
      );
    const table = await database.load({ part: 'TEXT' }, rows);
    expect(
      await splitsAfter(database, table, (given, tools) =>
        runRenameSplits(
          {
            kind: 'renameSplits',
            names: [
              { from: 'dev', to: 'held-out' },
              { from: 'test', to: 'held-out' },
              { from: 'train', to: 'dev' },
            ],
          },
          given,
          tools,
        ),
      ),
    ).toEqual(['held-out', 'dev', null, 'held-out', 'dev']);
    expect(await problemsOf(rename([{ from: 'nope', to: 'x' }])())).toMatchObject([
      { path: ['names', '0'], code: 'UNKNOWN_SPLIT' },
    ]);
    expect(await problemsOf(rename([{ from: 'dev', to: 'a/b' }])())).toMatchObject([{ path: ['names', '0', 'to'] }]);
  });

  test('only rows of the named splits are kept', async () => {
    using database = await openStepDatabase();
    const table = await database.load({ part: 'TEXT' }, rows);
    expect(
      await splitsAfter(database, table, (given, tools) =>
        runKeepSplits({ kind: 'keepSplits', splits: ['train', 'test'] }, given, tools),
      ),
    ).toEqual(['train', 'test', 'train']);
  });
});

describe('assignFolds', () => {
  const plan: AssignFolds = {
    kind: 'assignFolds',
    column: 'fold',
    folds: 5,
    seed: 0,
    stratifyBy: null,
    stratifyPairs: false,
    groupBy: [],
    keepTogether: [],
    nearDuplicates: null,
    ofSplits: null,
  };
  const types = { label: 'TEXT', labels: 'TEXT_LIST', group: 'INTEGER' } as const;
  const fold = async (database: StepDatabase, rows: readonly TestRow[], step: Partial<AssignFolds>) => {
    const { table } = await runAssignFolds({ ...plan, ...step }, await database.load(types, rows), database.tools);
    return (await database.rows(table)).map((row) => row.fold as number | null);
  };
  const sizes = (folds: readonly (number | null)[], of: readonly boolean[] = folds.map(() => true)): number[] =>
    [0, 1, 2, 3, 4].map((number) => folds.filter((each, i) => each === number && of[i]).length);

  test('numbers folds of one size, each class alike, and leaves rows of other splits out', async () => {
    using database = await openStepDatabase();
    const rows = Array.from({ length: 60 }, (_, i) => ({
      values: { label: i % 3 === 0 ? 'a' : 'b' },
      split: i < 30 ? 'train' : 'test',
    }));
    const folds = await fold(database, rows, { stratifyBy: 'label', ofSplits: ['train'] });
    expect(sizes(folds)).toEqual([6, 6, 6, 6, 6]);
    expect(
      sizes(
        folds,
        rows.map(({ values }) => values.label === 'a'),
      ),
    ).toEqual([2, 2, 2, 2, 2]);
    expect(folds.slice(30).every((each) => each === null)).toBe(true);
  });

  test('keeps groups whole, and refuses more folds than groups', async () => {
    using database = await openStepDatabase();
    const rows = Array.from({ length: 60 }, (_, i) => ({ values: { group: i % 12 } }));
    const folds = await fold(database, rows, { groupBy: ['group'] });
    for (let group = 0; group < 12; group++) {
      expect(new Set(folds.filter((_, i) => i % 12 === group)).size).toBe(1);
    }
    expect(sizes(folds).toSorted((a, b) => a - b)).toEqual([10, 10, 10, 15, 15]);
    expect(
      await problemsOf(
        fold(
          database,
          rows.map((_, i) => ({ values: { group: i % 4 } })),
          { groupBy: ['group'] },
        ),
      ),
    ).toMatchObject([
      {
        path: ['folds'],
        code: 'INVALID_VALUE',
        message: '60 rows, in 4 groups that stay together, are too few for 5 folds.',
      },
    ]);
    expect(await problemsOf(fold(database, rows.slice(0, 3), {}))).toMatchObject([{ path: ['folds'] }]);
    expect(await problemsOf(fold(database, rows, { column: 'group' }))).toMatchObject([{ path: ['column'] }]);
    expect(await problemsOf(fold(database, rows, { folds: 1 }))).toMatchObject([{ path: ['folds'] }]);
  });

  test('each label of at least as many rows as folds is in every fold, whatever it comes with', async () => {
    using database = await openStepDatabase();
    const labels = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(labels, { minLength: 50, maxLength: 100 }), fc.nat(99), async (sets, seed) => {
        const rows = sets.map((each) => ({ values: { labels: each } }));
        const folds = await fold(database, rows, { stratifyBy: 'labels', seed });
        for (const label of ['a', 'b', 'c', 'd'] as const) {
          const has = sets.map((each) => each.includes(label));
          if (has.filter(Boolean).length >= 5) expect(Math.min(...sizes(folds, has))).toBeGreaterThan(0);
        }
      }),
      { numRuns: 25 },
    );
  });
});
