import type { ColumnType } from '../column-type.js';
import { type DuckDb, identifier, literal } from '../duckdb.js';
import { stagedName, stagedTable } from './staging.js';

/**
 * A column of text gets the first of these types that all its values fit, else TEXT. The patterns accept only values
 * that come back unchanged, or nearly so: `007` and `+1` stay text, because they are more likely codes than numbers.
 * Numbers of up to 18 digits fit 64 bits.
 */
const candidates: readonly (readonly [ColumnType, (value: string) => string])[] = [
  ['INTEGER', (value) => matches(value, '-?(0|[1-9][0-9]{0,17})')],
  [
    'FLOAT',
    (value) =>
      `${matches(value, '-?((0|[1-9][0-9]*)(\\.[0-9]+)?|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?')} AND isfinite(TRY_CAST(${value} AS DOUBLE))`,
  ],
  ['BOOLEAN', (value) => `lower(${value}) IN ('true', 'false')`],
  [
    'TIMESTAMP',
    (value) =>
      `${matches(value, '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?)?')} AND TRY_CAST(${value} AS TIMESTAMP) IS NOT NULL`,
  ],
];

/** DuckDB's time to plan a statement grows with the square of its expressions: a minute for 1,000 columns. */
const columnsAtATime = 50;

/**
 * The types of staged columns that are all text. Takes one pass for each 50 columns; a column without values is TEXT.
 */
export async function inferColumnTypes(
  database: DuckDb,
  columns: readonly number[],
): Promise<(readonly [index: number, type: ColumnType])[]> {
  const tests = columns.map((index) => {
    const value = identifier(stagedName(index));
    // bool_and skips nulls, and a test of a null is null.
    return candidates.map(
      ([type, test]) => `coalesce(bool_and(${test(value)}), false) AS ${identifier(`${index} ${type}`)}`,
    );
  });
  const row: Record<string, boolean> = {};
  for (let first = 0; first < columns.length; first += columnsAtATime) {
    const some = tests.slice(first, first + columnsAtATime).flat();
    Object.assign(
      row,
      ...(await database.query<Record<string, boolean>>(`SELECT ${some.join(', ')} FROM ${stagedTable}`)),
    );
  }
  return columns.map((index) => [index, candidates.find(([type]) => row[`${index} ${type}`])?.[0] ?? 'TEXT'] as const);
}

function matches(value: string, pattern: string): string {
  return `regexp_full_match(${value}, ${literal(pattern)})`;
}
