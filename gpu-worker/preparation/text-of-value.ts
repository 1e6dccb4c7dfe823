import { isListType } from '../../src/protocol/datasets/column-type.js';
import type { TableColumn } from './row-table.js';

/** The text of a column's value in SQL: as the file had it; of a list, its items between spaces. */
export function textOfValue({ field, type, textField }: TableColumn): string {
  if (type === 'TEXT') return field;
  if (isListType(type)) return `array_to_string(${field}, ' ')`;
  const written = `CAST(${field} AS VARCHAR)`;
  return textField === undefined ? written : `coalesce(${textField}, ${written})`;
}
