import type { ColumnType } from '../../../src/protocol/datasets/column-type.js';
import { type DuckDb, identifier, literal } from '../../../src/storage/duckdb.js';
import { stagedName, stagedTable } from './staging.js';

/**
 * A column of text gets the first of these types that all its values fit, else TEXT. The patterns accept only values
 * that come back unchanged, or nearly so: `007` and `+1` stay text, because they are more likely codes than numbers,
 * and so do numbers whose digits before the point a float would change.
 */
const candidates: readonly (readonly [ColumnType, (value: string) => string])[] = [
  [
    'INTEGER',
    // Up to 18 digits always fit 64 bits, which spares most columns the cast.
    (value) =>
      `${matches(value, '-?(0|[1-9][0-9]{0,18})')} AND (strlen(${value}) <= 18 OR TRY_CAST(${value} AS BIGINT) IS NOT NULL)`,
  ],
  [
    'FLOAT',
    (value) =>
      `${matches(value, '-?((0|[1-9][0-9]*)(\\.[0-9]+)?|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?')} AND isfinite(TRY_CAST(${value} AS DOUBLE)) AND NOT coalesce(${losesDigits(value)}, false)`,
  ],
  ['BOOLEAN', (value) => `lower(${value}) IN ('true', 'false')`],
  [
    'TIMESTAMP',
    (value) =>
      `${matches(value, '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?)?')} AND (${value} IS NULL OR TRY_CAST(${value} AS TIMESTAMP) IS NOT NULL)`,
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

/**
 * Whether a number that is written in full, without an exponent, is so large that a float changes its digits before the
 * point: beyond ±2⁵³, which has 16 digits. Identifiers are such numbers.
 */
export function losesDigits(value: string): string {
  const integer = `regexp_extract(${value}, ${literal('^-?([0-9]{16,})(\\.[0-9]+)?$')}, 1)`;
  return `(strlen(${value}) >= 16 AND ${integer} <> '' AND coalesce(TRY_CAST(${integer} AS UBIGINT) > 9007199254740992, true))`;
}

function matches(value: string, pattern: string): string {
  return `regexp_full_match(${value}, ${literal(pattern)})`;
}
