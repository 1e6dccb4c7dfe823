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
const testsAtATime = 200;

/** The first rows rule out most types, so that few have to be tried on all. */
const firstRows = 2048;
/** Of fewer rows, planning the statements of another pass takes longer than what it spares. */
const manyRows = 50_000;

/**
 * The types of staged columns that are all text. Takes a pass for each 200 types that columns may have; a column
 * without values is TEXT.
 */
export async function inferColumnTypes(
  database: DuckDb,
  columns: readonly number[],
): Promise<(readonly [index: number, type: ColumnType])[]> {
  const tests = columns.flatMap((index) =>
    candidates.map(([type, test]): TypeTest => ({ index, type, sql: test(identifier(stagedName(index))) })),
  );
  const [counted] = await database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${stagedTable}`);
  const left = counted!.rows < manyRows ? tests : await withoutRuledOut(database, tests);
  const found = new Map<number, ColumnType>();
  for (const { test, fit } of await fits(database, left, stagedTable)) {
    if (fit === true && !found.has(test.index)) found.set(test.index, test.type);
  }
  return columns.map((index) => [index, found.get(index) ?? 'TEXT'] as const);
}

async function withoutRuledOut(database: DuckDb, tests: readonly TypeTest[]): Promise<TypeTest[]> {
  const tried = await fits(database, tests, `(SELECT * FROM ${stagedTable} LIMIT ${firstRows})`);
  return tried.filter(({ fit }) => fit !== false).map(({ test }) => test);
}

interface TypeTest {
  readonly index: number;
  readonly type: ColumnType;
  /** Whether a value fits; null of a missing one. */
  readonly sql: string;
}

/** Whether all values of a column fit a type; null: it has none. */
async function fits(
  database: DuckDb,
  tests: readonly TypeTest[],
  from: string,
): Promise<{ readonly test: TypeTest; readonly fit: boolean | null }[]> {
  const all: { readonly test: TypeTest; readonly fit: boolean | null }[] = [];
  for (let first = 0; first < tests.length; first += testsAtATime) {
    const part = tests.slice(first, first + testsAtATime);
    // bool_and skips nulls.
    const values = part.map(({ sql }, i) => `bool_and(${sql}) AS f${i}`);
    const [row] = await database.query<Record<string, boolean | null>>(`SELECT ${values.join(', ')} FROM ${from}`);
    all.push(...part.map((test, i) => ({ test, fit: row![`f${i}`]! })));
  }
  return all;
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
