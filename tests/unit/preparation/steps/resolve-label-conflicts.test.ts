import { describe, expect, it } from 'vitest';
import { runResolveLabelConflicts } from '../../../../gpu-worker/preparation/steps/resolve-label-conflicts.js';
import type { ColumnType } from '../../../../src/protocol/datasets/column-type.js';
import { ResolveLabelConflicts } from '../../../../src/protocol/preparation/steps/duplicates.js';
import { notesOf, openStepDatabase } from '../../../support/step-database.js';

type Action = Partial<Pick<ResolveLabelConflicts, 'action' | 'ties' | 'markColumn' | 'match'>>;

function stepOf(given: Action): ResolveLabelConflicts {
  const usual = { columns: ['text'], label: 'label', match: 'exact', action: 'drop', ties: 'drop', markColumn: null };
  return ResolveLabelConflicts.parse({ kind: 'resolveLabelConflicts', ...usual, ...given });
}

/** Rows that stay, with all of their values, and what is noted. */
async function resolve(
  rows: readonly (readonly [string | null, unknown])[],
  step: ResolveLabelConflicts,
  labelType: ColumnType = 'TEXT',
) {
  using tables = await openStepDatabase();
  const { database, tools } = tables;
  const given = await tables.load(
    { text: 'TEXT', label: labelType },
    rows.map((values) => ({ values })),
  );
  const outcome = await runResolveLabelConflicts(step, given, tools);
  const fields = outcome.table.columns.slice(1).map(({ field }) => field);
  const { rows: read } = await database.read(
    `SELECT row::DOUBLE, ${fields.map((field) => `CAST(${field} AS VARCHAR)`)} FROM ${outcome.table.name} ORDER BY row`,
  );
  const names = outcome.table.columns.map(({ name }) => name);
  return { rows: read, names, notes: await notesOf(database, outcome) };
}

const rows = [
  ['good film', 'pos'],
  ['good film', 'neg'],
  ['good film', 'pos'],
  ['bad film', 'neg'],
  ['bad film', 'neg'],
  ['Good film.', 'neg'],
  ['so so', 'pos'],
  ['so so', 'neg'],
  ['so so', null],
  [null, 'pos'],
  [null, 'neg'],
] as const;

describe('resolveLabelConflicts', () => {
  it('drops equal texts with different labels', async () => {
    const { rows: left, notes } = await resolve(rows, stepOf({ action: 'drop' }));
    expect(left.map(([row]) => row)).toEqual([3, 4, 5, 8, 9, 10]);
    const reason = 'An equal row has another label.';
    expect(notes).toEqual([
      { row: 0, other: 1, reason },
      { row: 1, other: 0, reason },
      { row: 2, other: 1, reason },
      { row: 6, other: 7, reason },
      { row: 7, other: 6, reason },
    ]);
  });

  it('gives all the label that most have, and drops those that are undecided', async () => {
    const { rows: left, notes } = await resolve(rows, stepOf({ action: 'majority', ties: 'drop' }));
    expect(left.map(([row, label]) => [row, label])).toEqual([
      [0, 'pos'],
      [1, 'pos'],
      [2, 'pos'],
      [3, 'neg'],
      [4, 'neg'],
      [5, 'neg'],
      [8, null],
      [9, 'pos'],
      [10, 'neg'],
    ]);
    expect(notes).toEqual([
      { row: 1, other: 0, reason: 'Its label became the one that 2 of 3 equal rows have.' },
      { row: 6, other: 7, reason: 'Its label and others are equally frequent among 2 equal rows.' },
      { row: 7, other: 6, reason: 'Its label and others are equally frequent among 2 equal rows.' },
    ]);
  });

  it('gives undecided ones the label of the first, if the step says so', async () => {
    const step = stepOf({ action: 'majority', ties: 'first', match: 'normalized' });
    const { rows: left } = await resolve(rows, step);
    // With “Good film.”, two of four are positive: undecided too, and the first is positive.
    expect(left.map(([, label]) => label)).toEqual([
      ...['pos', 'pos', 'pos', 'neg', 'neg', 'pos', 'pos', 'pos', null, 'pos', 'neg'],
    ]);
    const again = await resolve(
      left.map(([, label], i) => [rows[i]![0], label] as const),
      step,
    );
    expect(again.notes).toEqual([]);
  });

  it('marks them in a column', async () => {
    const { rows: left, names, notes } = await resolve(rows, stepOf({ action: 'mark', markColumn: 'conflict' }));
    expect(names).toEqual(['text', 'label', 'conflict']);
    expect(left.map(([row, label]) => [row, label])).toEqual(rows.map(([, label], row) => [row, label]));
    const two = 'pos (2), neg (1)';
    const one = 'pos (1), neg (1)';
    expect(left.map(([, , mark]) => mark)).toEqual([two, two, two, null, null, null, one, one, null, null, null]);
    expect(notes.map(({ row }) => row)).toEqual([0, 1, 2, 6, 7]);
  });

  it('does not distinguish lists of labels by their order', async () => {
    const lists = [
      ['a', ['x', 'y']],
      ['a', ['y', 'x']],
      ['b', ['x']],
      ['b', ['x', 'y']],
    ] as const;
    const { rows: left } = await resolve(lists, stepOf({ action: 'drop' }), 'TEXT_LIST');
    expect(left.map(([row]) => row)).toEqual([0, 1]);
  });

  it('votes on labels by the texts that they have in the file', async () => {
    using tables = await openStepDatabase();
    const { database, names, ...tools } = tables.tools;
    const given = await tables.load({ text: 'TEXT', label: 'FLOAT' }, [
      { values: ['a', 3.1] },
      { values: ['a', 3.1] },
      { values: ['a', 3.1] },
    ]);
    const textField = names.field();
    await database.query(`ALTER TABLE ${given.name} ADD COLUMN ${textField} VARCHAR`);
    await database.query(`UPDATE ${given.name} SET ${textField} = '3.10' WHERE row > 0`);
    const columns = given.columns.map((column) => (column.name === 'label' ? { ...column, textField } : column));
    const step = stepOf({ action: 'majority', ties: 'drop' });
    const outcome = await runResolveLabelConflicts(step, { ...given, columns }, { ...tools, database, names });
    const { rows: read } = await database.read(`SELECT ${textField} FROM ${outcome.table.name} ORDER BY row`);
    expect(read).toEqual([['3.10'], ['3.10'], ['3.10']]);
  });

  it('takes a name for the new column where there is one, and only there', () => {
    expect(() => stepOf({ action: 'mark' })).toThrow('Name the new column.');
    expect(() => stepOf({ action: 'drop', markColumn: 'conflict' })).toThrow('Only the action of marking');
  });

  it('refuses a new column whose name is taken or reserved', async () => {
    const run = (markColumn: string) =>
      resolve(rows, stepOf({ action: 'mark', markColumn })).then(
        () => null,
        (error: { problems: readonly { code: string; path: readonly string[] }[] }) => error.problems,
      );
    expect(await run('Label')).toMatchObject([{ code: 'INVALID_COLUMN_NAME', path: ['markColumn'] }]);
    expect(await run('__attune_row')).toMatchObject([{ code: 'INVALID_COLUMN_NAME', path: ['markColumn'] }]);
  });
});
