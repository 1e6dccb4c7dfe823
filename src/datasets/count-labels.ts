import { splitColumn } from '../protocol/dataset-layout.js';
import { type DuckDb, identifier } from '../storage/duckdb.js';
import { columnTypes, hasAll, isList, labelOf, rowsOf } from './columns-of-file.js';
import type { ExampleReader, LabelCounts } from './dataset-commands.js';

const splitName = identifier(splitColumn);

/**
 * Takes one pass over narrow columns for each label column, another where it holds lists, and one for all of them
 * together.
 */
export async function countLabels(
  database: DuckDb,
  path: string,
  {
    textColumns,
    labelColumns,
    tagColumns = [],
    numberColumns = [],
    division = null,
  }: Omit<Parameters<ExampleReader['countLabels']>[0], 'digest'>,
): Promise<LabelCounts> {
  const types = await columnTypes(database, path);
  const rows = rowsOf(types, division);
  const hasText = hasAll(textColumns);
  const hasTarget = [
    ...labelColumns.map((column) => `${identifier(column)} IS NOT NULL`),
    ...tagColumns.map((column) => `len(${identifier(column)}) > 0`),
    ...numberColumns.map((column) => `isfinite(CAST(${identifier(column)} AS DOUBLE))`),
  ].join(' OR ');
  const labelled = await database.query<{ split: string; count: number }>(
    `SELECT ${splitName} AS split, count(*)::DOUBLE AS count FROM ${rows}
     WHERE ${hasText} AND (${hasTarget || 'true'}) GROUP BY ALL ORDER BY split`,
    { path },
  );
  const labels = await Promise.all(
    [...new Set([...labelColumns, ...tagColumns])].map(async (column) => {
      const label = isList(types, column) ? `CAST(unnest(${identifier(column)}) AS VARCHAR)` : labelOf(types, column);
      const counts = await database.query<{ split: string; label: string; count: number }>(
        `SELECT split, label, count(*)::DOUBLE AS count
         FROM (SELECT ${splitName} AS split, ${label} AS label FROM ${rows} WHERE ${hasText})
         WHERE label IS NOT NULL GROUP BY ALL ORDER BY split, label`,
        { path },
      );
      return [column, counts] as const;
    }),
  );
  const lists = await Promise.all(
    labelColumns
      .filter((column) => isList(types, column))
      .map(async (column) => {
        const splits = await database.query<{ split: string; count: number }>(
          `SELECT ${splitName} AS split, count(*)::DOUBLE AS count FROM ${rows} WHERE ${hasText} AND ${hasAll([column])}
           GROUP BY ALL ORDER BY split`,
          { path },
        );
        return [column, Object.fromEntries(splits.map(({ split, count }) => [split, count]))] as const;
      }),
  );
  return {
    labelled: Object.fromEntries(labelled.map(({ split, count }) => [split, count])),
    labels: Object.fromEntries(labels),
    splitsWithLists: Object.fromEntries(lists.map(([column, counts]) => [column, Object.keys(counts)])),
    lists: Object.fromEntries(lists),
  };
}
