import { isListType } from '../../src/protocol/datasets/column-type.js';
import type { TableColumn } from './row-table.js';

/** Only white space, of any script; a text that is empty is that, too. */
const blank = String.raw`[\s\p{Z}\x{0085}\x{FEFF}]*`;

/** SQL condition: a row has no value in the column. */
export function isMissing({ type, field }: TableColumn, blankIsMissing: boolean): string {
  if (blankIsMissing && type === 'TEXT') return `(${field} IS NULL OR regexp_full_match(${field}, '${blank}'))`;
  if (blankIsMissing && isListType(type)) return `(${field} IS NULL OR len(${field}) = 0)`;
  return `(${field} IS NULL)`;
}
