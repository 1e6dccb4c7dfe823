import type { StoredColumn } from '../dataset.reads.js';
import type { DuckDb } from '../duckdb.js';
import { type StagedColumn, stagedTable } from './staging.js';

/** Columns with more different values are not labels. */
export const maxLabels = 1000;

/** Longer values are texts, not labels. */
const maxLabelLength = 200;

/** What is in each staged column. Counts are exact; texts are told apart by their md5, to hold 16 bytes instead of each. */
export async function reportColumns(database: DuckDb, columns: readonly StagedColumn[]): Promise<StoredColumn[]> {
  const report: StoredColumn[] = [];
  // One column at a time: a set of different values is held at once, not one a column.
  for (const { name, type, expression } of columns) {
    const text = `CAST(${expression} AS VARCHAR)`;
    const [counts] = await database.query<{ missing: number; distinct: number; longest: number }>(
      `SELECT (count(*) - count(${expression}))::DOUBLE AS missing,
         count(DISTINCT md5_number(${text}))::DOUBLE AS "distinct",
         coalesce(max(length(${text})), 0)::DOUBLE AS longest
       FROM ${stagedTable}`,
    );
    const { missing, distinct, longest } = counts!;
    const labels = distinct <= maxLabels && longest <= maxLabelLength ? await countLabels(database, text) : null;
    report.push({ name, type, missing, distinct, labels });
  }
  return report;
}

/** Most frequent first, equally frequent ones by code point. */
async function countLabels(database: DuckDb, text: string): Promise<{ label: string; count: number }[]> {
  return database.query(
    `SELECT ${text} AS label, count(*)::DOUBLE AS count FROM ${stagedTable} WHERE ${text} IS NOT NULL
     GROUP BY label ORDER BY count DESC, label`,
  );
}
