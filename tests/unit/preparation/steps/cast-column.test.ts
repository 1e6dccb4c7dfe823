import { describe, expect, test } from 'vitest';
import { runRecipe } from '../../../../gpu-worker/preparation/run-recipe.js';
import { runCastColumn } from '../../../../gpu-worker/preparation/steps/cast-column.js';
import type { ColumnType } from '../../../../src/protocol/datasets/column-type.js';
import { Recipe } from '../../../../src/protocol/preparation/recipe.js';
import { CastColumn } from '../../../../src/protocol/preparation/steps/columns.js';
import { openStepDatabase, type Value } from '../../../support/step-database.js';

async function cast(
  type: ColumnType,
  values: readonly Value[],
  to: CastColumn['to'],
  others: CastColumn['others'] = 'REFUSE',
  epoch: CastColumn['epoch'] = null,
) {
  using database = await openStepDatabase();
  const table = await database.load(
    { value: type },
    values.map((value) => ({ values: { value } })),
  );
  const before = await database.tables();
  const step: CastColumn = { kind: 'castColumn', column: 'value', to, others, epoch };
  const { table: made, notes } = await runCastColumn(step, table, database.tools);
  expect(await database.tables()).toEqual([...before, made.name, notes!].sort());
  expect(made.columns.map((column) => column.type)).toEqual([to]);
  return (await database.rows(made)).map(({ value }) => value);
}

const microsOf = (value: unknown): number => (value as Date).getTime() * 1000;

const problemsOf = (work: Promise<unknown>) =>
  work.then(
    () => [],
    (error: { readonly problems: readonly unknown[] }) => error.problems,
  );

describe('castColumn', () => {
  test('reads values from their texts', async () => {
    expect(await cast('TEXT', ['7', '+7', ' 007\u00a0', '-7.00', null, ' '], 'INTEGER')).toEqual([
      7,
      7,
      7,
      -7,
      null,
      null,
    ]);
    expect(await cast('TEXT', ['1', '.5', '1e3', '-2.', '\t3.25\n'], 'FLOAT')).toEqual([1, 0.5, 1000, -2, 3.25]);
    expect(await cast('TEXT', ['Yes', 'no', '1', '0', 'TRUE', 'false'], 'BOOLEAN')).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    const times = ['2024-05-01', '2024-05-01T12:30:00Z', '2024-05-01 00:30:00+02:00'];
    expect((await cast('TEXT', times, 'TIMESTAMP')).map(String)).toEqual(
      (await cast('TEXT', ['2024-05-01 00:00:00', '2024-05-01 12:30:00', '2024-04-30 22:30:00'], 'TIMESTAMP')).map(
        String,
      ),
    );
    expect(await cast('FLOAT', [1, -2, null], 'INTEGER')).toEqual([1, -2, null]);
    expect(await cast('INTEGER', [0, 1], 'BOOLEAN')).toEqual([false, true]);
    expect(await cast('BOOLEAN', [true, null], 'TEXT')).toEqual(['true', null]);
    expect(await cast('TEXT', [' a ', ''], 'TEXT')).toEqual([' a ', '']);
  });

  test('reads numbers as seconds or milliseconds since 1970', async () => {
    const micros = async (...given: Parameters<typeof cast>) =>
      (await cast(...given)).map((value) => (value === null ? null : microsOf(value)));
    // 2024-05-01T12:30:00Z, by `date -u -d 2024-05-01T12:30:00Z +%s`.
    const seconds = 1_714_566_600;
    expect(await micros('INTEGER', [seconds, seconds * 1000, null], 'TIMESTAMP')).toEqual([
      seconds * 1e6,
      seconds * 1e6,
      null,
    ]);
    expect(await micros('TEXT', [` ${seconds}`, `${seconds}.25`, '2024-05-01T12:30:00Z'], 'TIMESTAMP')).toEqual([
      seconds * 1e6,
      seconds * 1e6 + 250_000,
      seconds * 1e6,
    ]);
    expect(await micros('FLOAT', [seconds + 0.5], 'TIMESTAMP')).toEqual([seconds * 1e6 + 500_000]);
    // Where the unit is said, numbers of any size are times.
    expect(await micros('INTEGER', [0, -1, 2024], 'TIMESTAMP', 'REFUSE', 'SECONDS')).toEqual([0, -1e6, 2024e6]);
    expect(await micros('INTEGER', [0, 1500], 'TIMESTAMP', 'REFUSE', 'MILLISECONDS')).toEqual([0, 1_500_000]);
    // A date of eight digits counts nothing, and what is later than the year 9999 is a mistake.
    const mixed = [seconds, 20_240_501, 1e15];
    expect(await micros('INTEGER', mixed, 'TIMESTAMP', 'REMOVE')).toEqual([seconds * 1e6, null, null]);
    expect(await micros('INTEGER', [1, 1e15], 'TIMESTAMP', 'REMOVE', 'SECONDS')).toEqual([1e6, null]);
    expect(await problemsOf(cast('INTEGER', [20_240_501], 'TIMESTAMP'))).toMatchObject([
      { path: ['column'], code: 'INVALID_VALUE', hint: expect.stringContaining('`epoch`') },
    ]);
    expect(CastColumn.safeParse({ kind: 'castColumn', column: 'a', to: 'TEXT', epoch: 'SECONDS' }).success).toBe(false);
  });

  test.each<[CastColumn['to'], string]>([
    ['INTEGER', '1.5'],
    ['INTEGER', '9223372036854775808'],
    ['INTEGER', '1,024'],
    ['FLOAT', '1e999'],
    ['FLOAT', 'nan'],
    ['FLOAT', 'infinity'],
    ['BOOLEAN', '2'],
    ['TIMESTAMP', 'infinity'],
    ['TIMESTAMP', '2024-02-30'],
    ['TIMESTAMP', '2024'],
  ])('of %s, %j is no value', async (to, text) => {
    const [fitting, read] = { INTEGER: ['1', 1], FLOAT: ['1', 1], BOOLEAN: ['1', true] }[to as string] ?? [
      '2024-05-01',
    ];
    const values = [fitting as string, text];
    expect(await problemsOf(cast('TEXT', values, to))).toMatchObject([
      {
        path: ['column'],
        code: 'INVALID_VALUE',
        message: `1 value of column “value” is no ${to}; the first is “${text}” in row 1.`,
        hint: expect.stringContaining('REMOVE'),
      },
    ]);
    const removed = await cast('TEXT', values, to, 'REMOVE');
    expect(removed).toEqual([read ?? expect.anything(), null]);
    expect(await cast('TEXT', values, to, 'DROP')).toEqual([removed[0]]);
  });

  test('the report says of which rows it made values missing, without the values', async () => {
    using database = await openStepDatabase();
    const table = await database.load(
      { value: 'TEXT' },
      ['1', '030 1234567'].map((value) => ({ values: { value } })),
    );
    const recipe = Recipe.parse([{ kind: 'castColumn', column: 'value', to: 'INTEGER', others: 'REMOVE' }]);
    const [report] = (await runRecipe(recipe, table, database.tools)).reports;
    expect(report).toMatchObject({
      changed: 1,
      examples: [
        {
          row: 1,
          reason: 'The value is no INTEGER.',
          before: [{ column: 'value', text: '030 1234567' }],
          after: [{ column: 'value', text: null }],
        },
      ],
    });
  });

  test('a column of which no value is of the type is the wrong one, whatever becomes of others', async () => {
    for (const others of ['REFUSE', 'REMOVE', 'DROP'] as const) {
      expect(await problemsOf(cast('TEXT', [null, 'one', 'two'], 'INTEGER', others))).toMatchObject([
        { path: ['column'], message: 'No value of column “value” is INTEGER, such as “one” in row 1.' },
      ]);
      expect(await cast('TEXT', [null, ' '], 'INTEGER', others)).toEqual([null, null]);
    }
    expect(await problemsOf(cast('TEXT_LIST', [['1']], 'INTEGER'))).toMatchObject([
      { path: ['column'], code: 'WRONG_COLUMN_TYPE' },
    ]);
  });
});
