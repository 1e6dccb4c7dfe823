import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import type { ColumnType } from '../../protocol/datasets/column-type.js';

/** A column of the rows between two steps. */
export interface StepColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** The types of columns that have texts, or messages, inside. */
export const textTypes: readonly ColumnType[] = ['TEXT', 'TEXT_LIST', 'JSON'];

/**
 * What is wrong with the columns that a step names: UNKNOWN_COLUMN, WRONG_COLUMN_TYPE, INVALID_VALUE for a name that is
 * there twice.
 * @param types the types that they may have; null: any
 * @param path of the names in the step
 */
export function checkNamedColumns(
  columns: readonly StepColumn[],
  names: readonly string[],
  types: readonly ColumnType[] | null,
  path: readonly string[],
): InputProblem[] {
  return names.flatMap((name, i) => {
    const at = [...path, String(i)];
    const twice = problem(at, 'INVALID_VALUE', `The column “${name}” is named twice.`);
    return [...(names.indexOf(name) < i ? [twice] : []), ...checkNamedColumn(columns, name, types, at)];
  });
}

/** The same of the one column that a field of a step names. */
export function checkNamedColumn(
  columns: readonly StepColumn[],
  name: string,
  types: readonly ColumnType[] | null,
  path: readonly string[],
): InputProblem[] {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) {
    const names = columns.map((each) => each.name);
    const message = `The rows have no column “${name}” at this step.`;
    return [problem(path, 'UNKNOWN_COLUMN', message, namesHint(name, names))];
  }
  if (types === null || types.includes(column.type)) return [];
  const message = `The column “${name}” holds ${column.type}, not ${types.join(' or ')}.`;
  const fitting = columns.filter(({ type }) => types.includes(type)).map((each) => each.name);
  const hint = fitting.length === 0 ? 'No column does.' : `Columns that do: ${fitting.join(', ')}.`;
  return [problem(path, 'WRONG_COLUMN_TYPE', message, hint)];
}
