import { splitColumn } from '../protocol/dataset-layout.js';
import { type DuckDb, identifier } from '../storage/duckdb.js';
import { columnTypes, hasAll, isList, rowsOf } from './columns-of-file.js';
import type { ExampleReader, ListMeasures, NumberSummaries, NumberSummary } from './dataset-commands.js';

/** How many positions of lists are measured; a head never has more outputs. */
const maxPositions = 1000;

const splitName = identifier(splitColumn);

/**
 * Summarizes numbers by split and position. The order of summation is not fixed, so the last digits of mean and
 * standard deviation may differ from call to call.
 */
export async function summarizeNumbers(
  database: DuckDb,
  path: string,
  { textColumns, numberColumns, division = null }: Omit<Parameters<ExampleReader['summarizeNumbers']>[0], 'digest'>,
): Promise<NumberSummaries> {
  const types = await columnTypes(database, path);
  const from = rowsOf(types, division);
  const summaries = await Promise.all(
    numberColumns.map(async (column) => {
      // unnest returns nothing for a row whose list is missing or empty.
      const numbers = isList(types, column)
        ? 'unnest(value_) AS value, generate_subscripts(value_, 1) - 1 AS position'
        : 'value_ AS value, 0 AS position';
      const rows = await database.query<NumberSummary>(
        `WITH chosen AS (SELECT ${splitName} AS split_, ${identifier(column)} AS value_ FROM ${from}
             WHERE ${hasAll(textColumns)}),
           totals AS (SELECT split_ AS split, count(*) AS total FROM chosen GROUP BY split_),
           numbers AS (SELECT split, position, CAST(value AS DOUBLE) AS value, isfinite(CAST(value AS DOUBLE)) AS finite
             FROM (SELECT split_ AS split, ${numbers} FROM chosen) WHERE position < ${maxPositions}),
           -- Divided by a power of two, which changes no digit, the squares of the largest numbers are finite.
           scales AS (SELECT split, position, if(max(abs(value)) FILTER (finite) > 1e100, pow(2, 600), 1) AS scale
             FROM numbers GROUP BY ALL)
         SELECT split, position::DOUBLE AS position,
           count(*) FILTER (finite)::DOUBLE AS count,
           min(value) FILTER (finite) AS minimum,
           max(value) FILTER (finite) AS maximum,
           any_value(scale) * avg(value / scale) FILTER (finite) AS mean,
           any_value(scale) * stddev_pop(value / scale) FILTER (finite) AS "standardDeviation",
           (any_value(total) - count(value))::DOUBLE AS missing,
           count(*) FILTER (NOT finite)::DOUBLE AS "nonFinite"
         FROM numbers JOIN scales USING (split, position) JOIN totals USING (split)
         GROUP BY split, position ORDER BY split, position`,
        { path },
      );
      return [column, rows] as const;
    }),
  );
  return Object.fromEntries(summaries);
}

export async function measureLists(database: DuckDb, path: string, columns: readonly string[]): Promise<ListMeasures> {
  const lengths = await Promise.all(
    columns.map(async (column) => {
      const length = `len(${identifier(column)})`;
      const rows = await database.query<ListMeasures['lengths'][string][number]>(
        `SELECT ${splitName} AS split, count(*)::DOUBLE AS lists, min(${length})::DOUBLE AS shortest,
           max(${length})::DOUBLE AS longest
         FROM read_parquet($path) WHERE ${identifier(column)} IS NOT NULL GROUP BY split ORDER BY split`,
        { path },
      );
      return [column, rows] as const;
    }),
  );
  const all = columns.map((column) => `len(${identifier(column)})`).join(', ');
  const unequal = await database.query<{ split: string; rows: number }>(
    `SELECT ${splitName} AS split, count(*)::DOUBLE AS rows FROM read_parquet($path)
     WHERE list_min([${all}]) <> list_max([${all}]) GROUP BY split ORDER BY split`,
    { path },
  );
  return {
    lengths: Object.fromEntries(lengths),
    unequal: Object.fromEntries(unequal.map(({ split, rows }) => [split, rows])),
  };
}
