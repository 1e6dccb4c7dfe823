import type { DuckDb } from '../../../src/storage/duckdb.js';

/** A label that none of a split's rows has, and how many rows of all splits have it. */
export interface MissingLabel {
  readonly label: string;
  readonly split: string;
  readonly rows: number;
}

/**
 * The labels that do not occur in some of the splits, the most frequent first.
 * @param labels SQL expression over the table of the list of a row's labels
 * @param limit how many are returned
 */
export function missingLabels(
  database: DuckDb,
  table: string,
  labels: string,
  splits: readonly string[],
  limit: number,
): Promise<MissingLabel[]> {
  return database.query<MissingLabel>(
    `WITH counted AS (
       SELECT label, split, count(*) AS rows FROM (SELECT unnest(${labels}) AS label, split FROM ${table})
       WHERE split IS NOT NULL GROUP BY label, split
     ), totals AS (SELECT label, sum(rows) AS rows FROM counted GROUP BY label),
     names AS (SELECT unnest(from_json($splits, '["VARCHAR"]')) AS split)
     SELECT totals.label, names.split, totals.rows::DOUBLE AS rows
     FROM totals CROSS JOIN names ANTI JOIN counted ON counted.label = totals.label AND counted.split = names.split
     ORDER BY totals.rows DESC, totals.label, names.split LIMIT ${limit}`,
    { splits: JSON.stringify(splits) },
  );
}
