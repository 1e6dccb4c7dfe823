import { rowColumn, splitColumn, textColumnOf } from '../protocol/dataset-layout.js';
import { type DividedSplit, heldOutPartOf, selectHeldOut } from '../protocol/held-out.js';
import { type DuckDb, identifier, literal } from '../storage/duckdb.js';

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

/**
 * The rows of the file `$path`, as SQL. With a division, the rows that are held out of a split are in a split of their
 * own, which `heldOutPartOf` names.
 */
export function rowsOf(types: ReadonlyMap<string, string>, division: DividedSplit | null): string {
  if (division === null) return 'read_parquet($path)';
  const [number, split] = [identifier(rowColumn), identifier(splitColumn)];
  const part = literal(heldOutPartOf(division.split));
  return `(SELECT * REPLACE (CASE WHEN ${number} IN (${selectHeldOut(division, types)}) THEN ${part} ELSE ${split} END AS ${split})
    FROM read_parquet($path))`;
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
