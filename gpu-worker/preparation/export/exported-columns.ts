import { splitColumn, textColumnOf } from '../../../src/protocol/dataset-layout.js';
import { type ColumnType, isListType } from '../../../src/protocol/datasets/column-type.js';
import { type DuckDb, identifier, literal } from '../../../src/storage/duckdb.js';

/** A version's Parquet file and its columns. */
export interface VersionFile {
  readonly path: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

/** The rows of a file that are in these splits, as what follows FROM. */
export function rowsIn({ path }: VersionFile, splits: readonly string[] | null): string {
  const file = `read_parquet(${literal(path)})`;
  if (splits === null) return file;
  return `(SELECT * FROM ${file} WHERE ${identifier(splitColumn)} IN (${splits.map(literal).join(', ') || 'NULL'}))`;
}

/**
 * SQL expressions of the texts of a file's columns, by name: as the file had them that the version was made from, where
 * the version keeps that; lists and JSON as JSON.
 */
export async function textsOf(database: DuckDb, { path, columns }: VersionFile): Promise<ReadonlyMap<string, string>> {
  const described = await database.query<{ column_name: string }>(
    `DESCRIBE SELECT * FROM read_parquet(${literal(path)})`,
  );
  const kept = new Set(described.map(({ column_name: name }) => name));
  return new Map(
    columns.map(({ name, type }) => {
      if (kept.has(textColumnOf(name))) return [name, identifier(textColumnOf(name))];
      const value = isListType(type) ? `to_json(${identifier(name)})` : identifier(name);
      return [name, `CAST(${value} AS VARCHAR)`];
    }),
  );
}
