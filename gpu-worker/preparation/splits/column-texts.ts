import { isListType } from '../../../src/protocol/datasets/column-type.js';
import { keyOf } from '../ingestion/draw-by-strata.js';
import { textOf, valueTextOf } from '../ingestion/staging.js';
import type { TableColumn } from '../row-table.js';

/** SQL expression of the text by which a value names a class or a split: that of the file, if it has one. */
export function nameTextOf({ name, type, field, textField }: TableColumn): string {
  const own = textOf({ name, type, expression: field });
  return textField === undefined ? own : `coalesce(${textField}, ${own})`;
}

/** SQL expression of a text that is equal only for equal values. */
export function equalityTextOf({ name, type, field }: TableColumn): string {
  return valueTextOf({ name, type, expression: field });
}

/** SQL expression of a text that is equal only for rows with equal values in all columns; null if they have none. */
export function sharedKeyOf(columns: readonly TableColumn[]): string {
  const missing = columns.map(({ field }) => `${field} IS NULL`).join(' AND ');
  return `CASE WHEN ${missing} THEN NULL ELSE ${keyOf(columns.map(equalityTextOf))} END`;
}

/** SQL expression of the list of labels of a row, each once: the items of a list, or the one value. */
export function labelsOf(column: TableColumn): string {
  if (!isListType(column.type)) return `CASE WHEN ${column.field} IS NULL THEN [] ELSE [${nameTextOf(column)}] END`;
  return `list_distinct(CAST(${column.field} AS VARCHAR[]))`;
}
