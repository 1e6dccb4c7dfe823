import { checkNamedColumn, checkNamedColumns, textTypes } from '../../src/preparation/checks/named-columns.js';
import type { ColumnType } from '../../src/protocol/datasets/column-type.js';
import { refuse } from './refuse.js';
import type { RowTable, TableColumn } from './row-table.js';

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
  refuse(checkNamedColumns(columns, names, types, path));
  return names.map((name) => columns.find((column) => column.name === name)!);
}

/** The one column that a field of a step names. Errors: as `namedColumns`. */
export function namedColumn(
  table: RowTable,
  name: string,
  types: readonly ColumnType[] | null,
  path: readonly string[],
): TableColumn {
  refuse(checkNamedColumn(table.columns, name, types, path));
  return table.columns.find((column) => column.name === name)!;
}

/** The columns of texts that a step changes: those that it names, else all of type TEXT and TEXT_LIST. */
export function textColumnsOf(table: RowTable, names: readonly string[] | null): readonly TableColumn[] {
  if (names !== null) return namedColumns(table, names, textTypes);
  return table.columns.filter(({ type }) => type === 'TEXT' || type === 'TEXT_LIST');
}
