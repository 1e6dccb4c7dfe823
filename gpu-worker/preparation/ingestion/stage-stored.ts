import {
  madeByColumn,
  rowColumn,
  sourceRowColumn,
  splitColumn,
  textColumnOf,
} from '../../../src/protocol/dataset-layout.js';
import { type ColumnType, isListType } from '../../../src/protocol/datasets/column-type.js';
import type { StoredColumn } from '../../../src/protocol/datasets/stored-version.js';
import { type DuckDb, identifier, literal } from '../../../src/storage/duckdb.js';
import type { FreshNames, RowTable } from '../row-table.js';
import { valueTextOf } from './staging.js';

/** The Parquet file of a version. */
export interface StoredFile {
  readonly path: string;
  readonly columns: readonly Pick<StoredColumn, 'name' | 'type'>[];
}

/**
 * The type that values of two types have in common: of whole numbers and fractions FLOAT, of other single values TEXT.
 * Null: lists, objects and single values have none.
 */
export function commonType(first: ColumnType, second: ColumnType): ColumnType | null {
  if (first === second) return first;
  const isNumber = (type: ColumnType): boolean => type === 'INTEGER' || type === 'FLOAT';
  if (isNumber(first) && isNumber(second)) return 'FLOAT';
  const isSingle = (type: ColumnType): boolean => !isListType(type) && type !== 'JSON';
  return isSingle(first) && isSingle(second) ? 'TEXT' : null;
}

const textNameOf = (field: string): string => `${field}_text`;

async function columnNames(database: DuckDb, file: string): Promise<ReadonlySet<string>> {
  const described = await database.query<{ column_name: string }>(`DESCRIBE SELECT * FROM ${file}`);
  return new Set(described.map(({ column_name: name }) => name));
}

/**
 * Makes a row table of a version's rows, in which each has its split and what made it. Files have rows in their order.
 * @param split of all rows; null: each has its own
 * @param every one row of so many is taken
 */
export async function storedRows(
  database: DuckDb,
  { path, columns, split }: StoredFile & { readonly split: string | null },
  names: FreshNames,
  every = 1,
): Promise<RowTable> {
  const name = names.table();
  const fields = columns.map(() => names.field());
  const file = `read_parquet(${literal(path)})`;
  const kept = await columnNames(database, file);
  const own = (column: string, type: string): string => (kept.has(column) ? identifier(column) : `NULL::${type}`);
  const sample = every <= 1 ? '' : `WHERE ${identifier(rowColumn)} % ${every} = 0`;
  const values = columns.flatMap((column, i) => {
    const { value, text } = storedValue(column, kept);
    return [`${value} AS ${fields[i]}`, `${text} AS ${textNameOf(fields[i]!)}`];
  });
  await database.query(
    `CREATE TABLE ${name} AS
     SELECT ${values.map((each) => `${each}, `).join('')}${identifier(rowColumn)} AS row,
       ${split === null ? identifier(splitColumn) : literal(split)} AS split,
       ${own(madeByColumn, 'VARCHAR')} AS made_by, ${own(sourceRowColumn, 'BIGINT')} AS source_row
     FROM ${file} ${sample}`,
  );
  return {
    name,
    columns: columns.map(({ name: column, type }, i) => ({
      name: column,
      type,
      field: fields[i]!,
      textField: textNameOf(fields[i]!),
    })),
  };
}

/** A column of the file, and its texts. */
function storedValue(
  { name, type }: Pick<StoredColumn, 'name' | 'type'>,
  kept: ReadonlySet<string>,
): { readonly value: string; readonly text: string } {
  const expression = identifier(name);
  // A file keeps no texts of a column where each is that of its value.
  const text = kept.has(textColumnOf(name)) ? identifier(textColumnOf(name)) : valueTextOf({ name, type, expression });
  return { value: expression, text };
}
