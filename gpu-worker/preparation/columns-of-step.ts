import { namesHint } from '../../src/problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../../src/problems/problem.js';
import type { ColumnType } from '../../src/protocol/datasets/column-type.js';
import type { RowTable, TableColumn } from './row-table.js';

/** The types of columns that have texts, or messages, inside. */
export const textTypes: readonly ColumnType[] = ['TEXT', 'TEXT_LIST', 'JSON'];

/**
 * The columns that a step names.
 * @param types the types that they may have; null: any
 * @param path of the names in the step
 * @throws ProblemsError UNKNOWN_COLUMN, WRONG_COLUMN_TYPE, INVALID_VALUE for a name that is there twice
 */
export function namedColumns(
  { columns }: RowTable,
  names: readonly string[],
  types: readonly ColumnType[] | null,
  path: readonly string[] = ['columns'],
): readonly TableColumn[] {
  const problems: InputProblem[] = [];
  const found = names.flatMap((name, i): TableColumn[] => {
    const at = [...path, String(i)];
    if (names.indexOf(name) < i) problems.push(problem(at, 'INVALID_VALUE', `The column “${name}” is named twice.`));
    const column = columns.find((each) => each.name === name);
    if (column === undefined) {
      const hint = namesHint(
        name,
        columns.map((each) => each.name),
      );
      problems.push(problem(at, 'UNKNOWN_COLUMN', `The rows have no column “${name}” at this step.`, hint));
      return [];
    }
    if (types !== null && !types.includes(column.type)) {
      const message = `The column “${name}” holds ${column.type}, not ${types.join(' or ')}.`;
      const fitting = columns.filter(({ type }) => types.includes(type)).map((each) => each.name);
      const hint = fitting.length === 0 ? 'No column does.' : `Columns that do: ${fitting.join(', ')}.`;
      problems.push(problem(at, 'WRONG_COLUMN_TYPE', message, hint));
    }
    return [column];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
  return found;
}

/** The one column that a field of a step names. Errors: as `namedColumns`. */
export function namedColumn(
  table: RowTable,
  name: string,
  types: readonly ColumnType[] | null,
  path: readonly string[],
): TableColumn {
  try {
    return namedColumns(table, [name], types, path)[0]!;
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new ProblemsError(error.problems.map((each) => ({ ...each, path: [...path] })));
  }
}

/** The columns of texts that a step changes: those that it names, else all of type TEXT and TEXT_LIST. */
export function textColumnsOf(table: RowTable, names: readonly string[] | null): readonly TableColumn[] {
  if (names !== null) return namedColumns(table, names, textTypes);
  return table.columns.filter(({ type }) => type === 'TEXT' || type === 'TEXT_LIST');
}
