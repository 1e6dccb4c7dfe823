import { type ColumnType, isListType } from '../../src/protocol/datasets/column-type.js';
import { dropStaged } from './ingestion/stage-texts.js';
import { type StagedColumn, stagedTable, textOf } from './ingestion/staging.js';
import type { RecipeTools, RowTable, TableColumn } from './row-table.js';

/**
 * Makes a row table of the staged rows, and drops these.
 * @param split an SQL expression of each row's split
 * @param maxRows the first rows that are taken; null: all
 */
export async function stagedRows(
  { database, names }: Pick<RecipeTools, 'database' | 'names'>,
  columns: readonly StagedColumn[],
  split: string,
  maxRows: number | null,
): Promise<RowTable> {
  const selected = columns.map((column): TableColumn & { readonly values: string } => {
    const field = names.field();
    const value = `${column.expression} AS ${field}`;
    const { name, type } = column;
    if (!keepsTexts(type)) return { name, type, field, values: value };
    return { name, type, field, textField: `${field}_text`, values: `${value}, ${textOf(column)} AS ${field}_text` };
  });
  const name = names.table();
  await database.query(
    `CREATE TABLE ${name} AS SELECT ${selected.map(({ values }) => `${values}, `).join('')}rowid AS row,
       ${split} AS split, NULL::VARCHAR AS made_by, NULL::BIGINT AS source_row
     FROM ${stagedTable} ${maxRows === null ? '' : `LIMIT ${maxRows}`}`,
  );
  await dropStaged(database);
  return { name, columns: selected.map(({ values: _, ...column }) => column) };
}

/** Whether a value of this type may be written in several ways. */
export function keepsTexts(type: ColumnType): boolean {
  return type !== 'TEXT' && type !== 'JSON' && !isListType(type);
}
