import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ConditionColumn, compileCondition } from '../../../gpu-worker/preparation/row-condition.js';
import { checkFilterStep } from '../../../src/preparation/checks/filters.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import { FilterRows, RowCondition } from '../../../src/protocol/preparation/steps/filters.js';

const columns: readonly ConditionColumn[] = [
  { name: 'text', type: 'TEXT', field: 'c0' },
  { name: 'count', type: 'INTEGER', field: 'c1' },
  { name: 'score', type: 'FLOAT', field: 'c2' },
  { name: 'ok', type: 'BOOLEAN', field: 'c3' },
  { name: 'at', type: 'TIMESTAMP', field: 'c4' },
  { name: 'tags', type: 'TEXT_LIST', field: 'c5' },
  { name: 'x"; DROP TABLE rows; --', type: 'JSON', field: 'c6' },
];

const splits = ['test', 'train'];

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await connection.run(`CREATE TABLE rows AS SELECT * FROM (VALUES
  (0::BIGINT, 'train', 'Hello World', 1::BIGINT, 0.5::DOUBLE, true, TIMESTAMP '2024-01-01 00:00:00', ['a', 'B'], '{}'::JSON),
  (1, 'test', 'it''s ÄRGER', 9007199254740993, -1.5, false, TIMESTAMP '2024-05-01 12:30:00', [], NULL),
  (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, 'train', '', 0, 0, true, TIMESTAMP '2023-12-31 23:59:59', ['b'], '[1]'::JSON)
) t(row, split, c0, c1, c2, c3, c4, c5, c6)`);

/** The numbers of the rows for which a condition is true. */
async function rowsWhere(where: unknown): Promise<number[]> {
  const { sql, parameters } = compileCondition(RowCondition.parse(where), { columns, splits }, ['where']);
  const read = await connection.runAndReadAll(`SELECT row FROM rows WHERE ${sql} ORDER BY row`, parameters as never);
  return read.getRows().map(([row]) => Number(row));
}

/** The problems of a condition: those that need no rows, or those with the columns. */
function problemsOf(where: unknown) {
  const step = FilterRows.parse({ kind: 'filterRows', where });
  const found = checkFilterStep(step);
  if (found.length > 0) return found;
  try {
    compileCondition(step.where, { columns, splits }, ['where']);
    return [];
  } catch (error) {
    if (error instanceof ProblemsError) return error.problems;
    throw error;
  }
}

describe('compileCondition', () => {
  test.each([
    [{ operator: 'equals', column: 'text', value: 'Hello World' }, [0]],
    [{ operator: 'notEquals', column: 'text', value: 'Hello World' }, [1, 2, 3]],
    [{ operator: 'equals', column: 'text', value: "it's ÄRGER" }, [1]],
    [{ operator: 'equals', column: 'count', value: '9007199254740993' }, [1]],
    [{ operator: 'equals', column: 'count', value: '9007199254740992' }, []],
    [{ operator: 'greater', column: 'count', value: 0.5 }, [0, 1]],
    [{ operator: 'lessOrEqual', column: 'score', value: 0 }, [1, 3]],
    [{ operator: 'less', column: 'at', value: '2024-01-01' }, [3]],
    [{ operator: 'greaterOrEqual', column: 'at', value: '2024-05-01T12:30:00Z' }, [1]],
    [{ operator: 'equals', column: 'ok', value: false }, [1]],
    [{ operator: 'in', column: 'count', values: [0, 1, 7] }, [0, 3]],
    [{ operator: 'notIn', column: 'count', values: [0, 1, 7] }, [1, 2]],
    // Beyond the numbers of a column, comparisons are still true or false.
    [{ operator: 'notEquals', column: 'count', value: 1e308 }, [0, 1, 2, 3]],
    [{ operator: 'less', column: 'count', value: 1e19 }, [0, 1, 3]],
    [{ operator: 'greater', column: 'count', value: 1e308 }, []],
    [{ operator: 'greater', column: 'count', value: -1e19 }, [0, 1, 3]],
    [{ operator: 'less', column: 'count', value: -1e308 }, []],
    [{ operator: 'equals', column: 'count', value: 2 ** 53 }, []],
    [{ operator: 'in', column: 'count', values: [1, 1e19, -1e308, 0.5, 2 ** 53] }, [0]],
    [{ operator: 'notIn', column: 'count', values: [1e19, 0.5] }, [0, 1, 2, 3]],
    [{ operator: 'less', column: 'score', value: 1e308 }, [0, 1, 3]],
    [{ operator: 'greaterOrEqual', column: 'score', value: -1e19 }, [0, 1, 3]],
    [{ operator: 'in', column: 'score', values: [1e308, 0.5, '0', -1e19] }, [0, 3]],
    [{ operator: 'in', column: 'ok', values: [false] }, [1]],
    [{ operator: 'in', column: 'text', values: ['', "it's ÄRGER", 'no'] }, [1, 3]],
    [{ operator: 'in', column: 'at', values: ['2024-05-01T12:30:00Z', '2020-01-01'] }, [1]],
    [{ operator: 'contains', column: 'text', value: 'world', ignoreCase: true }, [0]],
    [{ operator: 'contains', column: 'text', value: 'ärger', ignoreCase: true }, [1]],
    [{ operator: 'contains', column: 'text', value: 'world', ignoreCase: false }, []],
    [{ operator: 'startsWith', column: 'text', value: 'It', ignoreCase: true }, [1]],
    [{ operator: 'endsWith', column: 'text', value: 'World', ignoreCase: false }, [0]],
    [{ operator: 'contains', column: 'tags', value: 'b', ignoreCase: false }, [3]],
    [{ operator: 'contains', column: 'tags', value: 'b', ignoreCase: true }, [0, 3]],
    [{ operator: 'matches', column: 'text', pattern: '^[A-Z](?<rest>\\w+)', ignoreCase: false }, [0]],
    [{ operator: 'matches', column: 'text', pattern: 'HELLO|\\bärger', ignoreCase: true }, [0]],
    [{ operator: 'isMissing', column: 'text' }, [2]],
    [{ operator: 'isPresent', column: 'x"; DROP TABLE rows; --' }, [0, 3]],
    [{ operator: 'inSplit', splits: ['train'] }, [0, 3]],
    [{ operator: 'not', condition: { operator: 'equals', column: 'ok', value: true } }, [1, 2]],
    [{ operator: 'not', condition: { operator: 'inSplit', splits: ['train'] } }, [1, 2]],
  ])('%j', async (where, rows) => {
    expect(await rowsWhere(where)).toEqual(rows);
  });

  test('joins conditions, within each other too', async () => {
    const [one, two] = [
      { operator: 'equals', column: 'ok', value: true },
      { operator: 'less', column: 'score', value: 0.25 },
    ];
    expect(await rowsWhere({ operator: 'and', conditions: [one, two] })).toEqual([3]);
    expect(await rowsWhere({ operator: 'or', conditions: [one, two] })).toEqual([0, 1, 3]);
    const neither = { operator: 'not', condition: { operator: 'or', conditions: [one, two] } };
    expect(
      await rowsWhere({ operator: 'and', conditions: [neither, { operator: 'isMissing', column: 'at' }] }),
    ).toEqual([2]);
  });

  test('compares exactly at the ends of the whole numbers', async () => {
    const where = (operator: string, value: number) =>
      compileCondition(RowCondition.parse({ operator, column: 'count', value }), { columns, splits }, ['where']);
    const found = [];
    for (const [operator, value] of [
      ['equals', 2 ** 63],
      ['less', 2 ** 63],
      ['equals', -(2 ** 63)],
    ] as const) {
      const { sql, parameters } = where(operator, value);
      const ends = `(VALUES (9223372036854775807::BIGINT), ((-9223372036854775808)::BIGINT)) t(c1)`;
      const read = await connection.runAndReadAll(`SELECT ${sql} FROM ${ends}`, parameters as never);
      found.push(read.getRows().flat());
    }
    // The greatest is 2⁶³ − 1; the least is −2⁶³.
    expect(found).toEqual([
      [false, false],
      [true, true],
      [false, true],
    ]);
  });

  test('names the splits that there are in place of one that there is not', () => {
    const where = { operator: 'not', condition: { operator: 'inSplit', splits: ['tset'] } };
    expect(problemsOf(where)).toEqual([
      {
        path: ['where', 'condition', 'splits', '0'],
        code: 'UNKNOWN_SPLIT',
        message: 'No row is in a split “tset” at this step.',
        hint: 'Did you mean “test”? There are: test, train.',
      },
    ]);
  });

  test('binds a list of values as one parameter', async () => {
    const values = Array.from({ length: 10_000 }, (_, i) => 3 * i);
    const inList = { operator: 'in', column: 'count', values };
    const where = { operator: 'or', conditions: [inList, { operator: 'not', condition: inList }, inList] };
    const { sql, parameters } = compileCondition(RowCondition.parse(where), { columns, splits }, ['where']);
    expect(Object.keys(parameters)).toEqual(['v0', 'v1', 'v2']);
    expect(sql.length).toBeLessThan(1_000);
    expect(await rowsWhere(where)).toEqual([0, 1, 2, 3]);
    expect(await rowsWhere(inList)).toEqual([3]);
  });

  test('writes neither names nor values into the statement', () => {
    const hostile = "'; DROP TABLE rows; --";
    const where = RowCondition.parse({
      operator: 'or',
      conditions: [
        { operator: 'equals', column: 'text', value: hostile },
        { operator: 'inSplit', splits: [hostile] },
        { operator: 'matches', column: 'text', pattern: hostile, ignoreCase: false },
        { operator: 'isMissing', column: 'x"; DROP TABLE rows; --' },
      ],
    });
    const { sql, parameters } = compileCondition(where, { columns, splits: [hostile] }, ['where']);
    expect(sql).not.toContain('DROP');
    expect(parameters).toEqual({ v0: hostile, v1: hostile, v2: hostile });
  });

  test.each([
    [{ operator: 'equals', column: 'txt', value: 'a' }, 'UNKNOWN_COLUMN', ['where', 'column']],
    [{ operator: 'inSplit', splits: ['train', 'tset'] }, 'UNKNOWN_SPLIT', ['where', 'splits', '1']],
    [{ operator: 'less', column: 'text', value: 'a' }, 'WRONG_COLUMN_TYPE', ['where', 'column']],
    [{ operator: 'equals', column: 'tags', value: 'a' }, 'WRONG_COLUMN_TYPE', ['where', 'column']],
    [{ operator: 'equals', column: 'count', value: 'one' }, 'INVALID_VALUE', ['where', 'value']],
    [{ operator: 'equals', column: 'count', value: '99999999999999999999' }, 'INVALID_VALUE', ['where', 'value']],
    [{ operator: 'in', column: 'ok', values: [true, 'yes'] }, 'INVALID_VALUE', ['where', 'values', '1']],
    [{ operator: 'less', column: 'at', value: '2024-02-30' }, 'INVALID_VALUE', ['where', 'value']],
    [{ operator: 'in', column: 'ok', values: [] }, 'REQUIRED', ['where', 'values']],
    [
      { operator: 'matches', column: 'text', pattern: '(a)\\1', ignoreCase: false },
      'INVALID_VALUE',
      ['where', 'pattern'],
    ],
    [
      { operator: 'not', condition: { operator: 'and', conditions: [] } },
      'REQUIRED',
      ['where', 'condition', 'conditions'],
    ],
    [
      {
        operator: 'or',
        conditions: [
          { operator: 'isMissing', column: 'text' },
          { operator: 'isMissing', column: 'no' },
        ],
      },
      'UNKNOWN_COLUMN',
      ['where', 'conditions', '1', 'column'],
    ],
  ])('refuses %j', (where, code, path) => {
    expect(problemsOf(where)).toEqual([expect.objectContaining({ code, path })]);
  });

  test('refuses conditions that are too many or too deep', () => {
    const leaf = { operator: 'isMissing', column: 'text' };
    let deep: unknown = leaf;
    for (let i = 0; i < 11; i += 1) deep = { operator: 'not', condition: deep };
    expect(problemsOf(deep).map(({ code }) => code)).toEqual(['TOO_LONG']);
    const many = { operator: 'or', conditions: Array.from({ length: 300 }, () => leaf) };
    expect(problemsOf(many).map(({ code }) => code)).toEqual(['TOO_LONG']);
  });

  test('keeps the laws of logic for any rows: excluded middle, De Morgan', async () => {
    const leaf = fc.constantFrom(
      { operator: 'equals', column: 'text', value: '' },
      { operator: 'notEquals', column: 'count', value: 1 },
      { operator: 'less', column: 'score', value: 0.1 },
      { operator: 'isMissing', column: 'tags' },
      { operator: 'notIn', column: 'text', values: ['', 'Hello World'] },
      { operator: 'matches', column: 'text', pattern: 'l+', ignoreCase: false },
      { operator: 'inSplit', splits: ['train'] },
    );
    const not = (condition: unknown) => ({ operator: 'not', condition });
    await fc.assert(
      fc.asyncProperty(leaf, leaf, async (one, two) => {
        expect(await rowsWhere({ operator: 'or', conditions: [one, not(one)] })).toEqual([0, 1, 2, 3]);
        expect(await rowsWhere({ operator: 'and', conditions: [one, not(one)] })).toEqual([]);
        const neither = await rowsWhere(not({ operator: 'or', conditions: [one, two] }));
        expect(await rowsWhere({ operator: 'and', conditions: [not(one), not(two)] })).toEqual(neither);
      }),
      { numRuns: 50, seed: 13 },
    );
  });
});
