import { textColumnOf } from '../protocol/dataset-layout.js';
import { type DuckDb, identifier, literal } from './duckdb.js';

/** The columns of a version's file by name, with DuckDB's types. */
export async function columnTypes(database: DuckDb, path: string): Promise<ReadonlyMap<string, string>> {
  const columns = await database.query<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM read_parquet(${literal(path)})`,
  );
  return new Map(columns.map(({ column_name: name, column_type: type }) => [name, type]));
}

export function isList(types: ReadonlyMap<string, string>, column: string): boolean {
  return types.get(column)?.endsWith('[]') === true;
}

/** An SQL condition: the row has a value in each of the columns. */
export function hasAll(columns: readonly string[]): string {
  return columns.map((column) => `${identifier(column)} IS NOT NULL`).join(' AND ') || 'true';
}

/** An SQL expression of the label that a row has in a column of single values; null where the value is missing. */
export function labelOf(types: ReadonlyMap<string, string>, column: string): string {
  const text = textColumnOf(column);
  return types.has(text) ? identifier(text) : `CAST(${identifier(column)} AS VARCHAR)`;
}
