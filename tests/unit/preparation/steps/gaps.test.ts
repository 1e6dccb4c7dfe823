import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runDropMissing } from '../../../../gpu-worker/preparation/steps/drop-missing.js';
import { runFillMissing } from '../../../../gpu-worker/preparation/steps/fill-missing.js';
import { runMarkMissing } from '../../../../gpu-worker/preparation/steps/mark-missing.js';
import type { ColumnType } from '../../../../src/protocol/datasets/column-type.js';
import type { DropMissing, FillMissing } from '../../../../src/protocol/preparation/steps/gaps.js';
import { openStepDatabase, type StepDatabase, type TestRow, type Value } from '../../../support/step-database.js';

const problemsOf = (work: Promise<unknown>) =>
  work.then(
    () => [],
    (error: { readonly problems: readonly unknown[] }) => error.problems,
  );

const valuesOf = (values: readonly Value[]): TestRow[] => values.map((value) => ({ values: { value } }));

async function fill(
  database: StepDatabase,
  type: ColumnType,
  rows: readonly TestRow[],
  filling: FillMissing['by'] | { readonly constant: string },
  step: Partial<FillMissing> = {},
): Promise<unknown[]> {
  const table = await database.load({ value: type, part: 'TEXT' }, rows);
  const before = await database.tables();
  const { table: filled } = await runFillMissing(
    {
      kind: 'fillMissing',
      columns: ['value'],
      ...(typeof filling === 'string' ? { by: filling, value: null } : { by: 'CONSTANT', value: filling.constant }),
      groupBy: null,
      learnFrom: null,
      blankIsMissing: false,
      ...step,
    },
    table,
    database.tools,
  );
  expect(await database.tables()).toEqual([...before, filled.name].sort());
  return (await database.rows(filled)).map(({ value }) => value);
}

describe('fillMissing', () => {
  test('with a constant of the column’s type', async () => {
    using database = await openStepDatabase();
    const constant = (value: string) => ({ constant: value });
    expect(await fill(database, 'TEXT', valuesOf(['a', null, '']), constant('it’s'))).toEqual(['a', 'it’s', '']);
    expect(await fill(database, 'INTEGER', valuesOf([1, null]), constant('-7'))).toEqual([1, -7]);
    expect(await fill(database, 'FLOAT', valuesOf([null, 2]), constant('0.5'))).toEqual([0.5, 2]);
    expect(await fill(database, 'BOOLEAN', valuesOf([null, true]), constant('false'))).toEqual([false, true]);
    expect(await fill(database, 'TEXT_LIST', valuesOf([null, ['a']]), constant('["x","y"]'))).toEqual([
      ['x', 'y'],
      ['a'],
    ]);
    for (const [type, value] of [
      ['INTEGER', '1.5'],
      ['FLOAT', 'many'],
      ['TEXT_LIST', 'a, b'],
      ['TIMESTAMP', 'tomorrow'],
    ] as const) {
      expect(await problemsOf(fill(database, type, valuesOf([null]), constant(value)))).toMatchObject([
        { path: ['value'], code: 'INVALID_VALUE' },
      ]);
    }
  });

  test('with what is learnt: mode, mean and median', async () => {
    using database = await openStepDatabase();
    expect(await fill(database, 'TEXT', valuesOf(['b', 'a', 'b', 'a', null]), 'MODE')).toEqual([
      'b',
      'a',
      'b',
      'a',
      // As frequent as “b”, and the lower.
      'a',
    ]);
    expect(await fill(database, 'FLOAT', valuesOf([1, 2, 6, null]), 'MEAN')).toEqual([1, 2, 6, 3]);
    // 7 / 3, rounded.
    expect(await fill(database, 'INTEGER', valuesOf([1, 2, 4, null]), 'MEAN')).toEqual([1, 2, 4, 2]);
    expect(await fill(database, 'FLOAT', valuesOf([9, 1, 2, 4, null]), 'MEDIAN')).toEqual([9, 1, 2, 4, 3]);
    const times = ['2024-01-01', '2024-01-03', null];
    expect((await fill(database, 'TIMESTAMP', valuesOf(times), 'MEDIAN'))[2]).toEqual(new Date('2024-01-02T00:00:00Z'));
    expect(await problemsOf(fill(database, 'TEXT', valuesOf(['a']), 'MEAN'))).toMatchObject([
      { path: ['columns', '0'], code: 'WRONG_COLUMN_TYPE' },
    ]);
    expect(await problemsOf(fill(database, 'FLOAT', valuesOf([null]), 'MEAN'))).toMatchObject([
      { path: ['columns', '0'], message: 'Column “value” has no value to learn from.' },
    ]);
  });

  test('learns from train alone, and never from the rows that are tested on', async () => {
    using database = await openStepDatabase();
    const rows = (train: string): TestRow[] => [
      { values: { value: 1 }, split: train },
      { values: { value: 3 }, split: train },
      { values: { value: 1000 }, split: 'test' },
      { values: { value: null }, split: 'test' },
    ];
    expect((await fill(database, 'FLOAT', rows('train'), 'MEAN'))[3]).toBe(2);
    expect((await fill(database, 'FLOAT', rows('train'), 'MEAN', { learnFrom: ['test'] }))[3]).toBe(1000);
    expect(await problemsOf(fill(database, 'FLOAT', rows('fit'), 'MEAN'))).toMatchObject([
      { path: ['learnFrom'], code: 'REQUIRED', message: expect.stringContaining('of fit, test') },
    ]);
  });

  test('learns for each group, and from all rows where a group has no value', async () => {
    using database = await openStepDatabase();
    const rows = [
      [10, 'a'],
      [20, 'a'],
      [null, 'a'],
      [3, null],
      [null, null],
      [null, 'b'],
    ].map(([value, part]) => ({ values: { value: value as number | null, part: part as string | null } }));
    expect(await fill(database, 'FLOAT', rows, 'MEAN', { groupBy: 'part' })).toEqual([10, 20, 15, 3, 3, 11]);
  });

  test('takes blank texts for missing, if it is told so', async () => {
    using database = await openStepDatabase();
    const texts = ['a', '', ' \n\u00a0\u3000', 'b', 'b'];
    expect(await fill(database, 'TEXT', valuesOf(texts), 'MODE', { blankIsMissing: true })).toEqual([
      'a',
      'b',
      'b',
      'b',
      'b',
    ]);
  });

  test('leaves no gap, changes nothing else, is idempotent, and has one result with any number of threads', async () => {
    using one = await openStepDatabase(1);
    using four = await openStepDatabase(4);
    // Rows are given as JSON, which may lose the sign of a zero.
    const number = fc.double({ noNaN: true, min: -1e12, max: 1e12 }).map((value) => value + 0);
    const numbers = fc.array(fc.option(number), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        numbers,
        fc.constantFrom('MODE' as const, 'MEAN' as const, 'MEDIAN' as const),
        async (given, kind) => {
          const values = [...given, 1.1];
          const filled = await fill(one, 'FLOAT', valuesOf(values), kind);
          expect(await fill(four, 'FLOAT', valuesOf(values), kind)).toEqual(filled);
          for (const [i, value] of values.entries()) {
            if (value === null) expect(filled[i]).not.toBeNull();
            else expect(filled[i]).toBe(value);
          }
          expect(await fill(one, 'FLOAT', valuesOf(filled as number[]), kind)).toEqual(filled);
        },
      ),
      { numRuns: 20 },
    );
  });
});

test('a constant is given exactly where one is asked for', async () => {
  using database = await openStepDatabase();
  const rows = valuesOf([1, null]);
  expect(await problemsOf(fill(database, 'FLOAT', rows, 'MEAN', { value: '1' }))).toMatchObject([
    { path: ['value'], code: 'INVALID_VALUE' },
  ]);
  expect(await problemsOf(fill(database, 'FLOAT', rows, 'MEAN', { by: 'CONSTANT' }))).toMatchObject([
    { path: ['value'], code: 'REQUIRED' },
  ]);
});

describe('dropMissing and markMissing', () => {
  const types = { a: 'TEXT', b: 'INTEGER' } as const;
  const rows: TestRow[] = [
    { values: { a: 'x', b: 1 } },
    { values: { a: null, b: 2 } },
    { values: { a: ' ', b: null } },
    { values: { a: null, b: null } },
  ];

  test('drops rows that miss any or all of the columns, and says which', async () => {
    using database = await openStepDatabase();
    const drop = async (when: 'ANY' | 'ALL', blankIsMissing: boolean) => {
      const table = await database.load(types, rows);
      const step: DropMissing = { kind: 'dropMissing', columns: ['a', 'b'], when, blankIsMissing };
      const { table: left, notes } = await runDropMissing(step, table, database.tools);
      const reasons = await database.tools.database.query<{ reason: string }>(
        `SELECT reason FROM ${notes} ORDER BY row`,
      );
      return { rows: (await database.rows(left)).map(({ row }) => row), reasons: reasons.map(({ reason }) => reason) };
    };
    expect(await drop('ANY', false)).toEqual({
      rows: [0],
      reasons: ['There is no value in “a”.', 'There is no value in “b”.', 'There is no value in “a”, “b”.'],
    });
    expect((await drop('ALL', false)).rows).toEqual([0, 1, 2]);
    expect((await drop('ALL', true)).rows).toEqual([0, 1]);
  });

  test('marks rows without a value in a new column', async () => {
    using database = await openStepDatabase();
    const mark = async (as: string, blankIsMissing: boolean) => {
      const table = await database.load(types, rows);
      const step = { kind: 'markMissing', column: 'a', as, blankIsMissing } as const;
      const { table: marked } = await runMarkMissing(step, table, database.tools);
      return (await database.rows(marked)).map((row) => row[as]);
    };
    expect(await mark('a is missing', false)).toEqual([false, true, false, true]);
    expect(await mark('a is missing', true)).toEqual([false, true, true, true]);
    // Names that differ in case alone are one to the file; the system's are its own.
    for (const taken of ['b', 'B', '__attune_row', ' ']) {
      expect(await problemsOf(mark(taken, true))).toMatchObject([{ path: ['as'], code: 'INVALID_COLUMN_NAME' }]);
    }
  });
});
