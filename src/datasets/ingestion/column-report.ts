import type { StoredColumn } from '../dataset.reads.js';
import type { DuckDb } from '../duckdb.js';
import { type StagedColumn, stagedTable } from './staging.js';

/** Columns with more different values are not labels. */
export const maxLabels = 1000;

/** Longer values are texts, not labels. */
const maxLabelLength = 200;

export interface ColumnReport {
  readonly columns: StoredColumn[];
  /** Of all values, written as text. */
  readonly bytes: number;
}

/** What is in each staged column. Counts are exact; texts are told apart by their md5, to hold 16 bytes instead of each. */
export async function reportColumns(database: DuckDb, columns: readonly StagedColumn[]): Promise<ColumnReport> {
  const report: StoredColumn[] = [];
  let allBytes = 0;
  // One column at a time: a set of different values is held at once, not one a column.
  for (const { name, type, expression } of columns) {
    const text = `CAST(${expression} AS VARCHAR)`;
    const [counts] = await database.query<{ missing: number; distinct: number; longest: number; bytes: number }>(
      `SELECT (count(*) - count(${expression}))::DOUBLE AS missing,
         count(DISTINCT md5_number(${text}))::DOUBLE AS "distinct",
         coalesce(max(length(${text})), 0)::DOUBLE AS longest,
         coalesce(sum(strlen(${text})), 0)::DOUBLE AS bytes
       FROM ${stagedTable}`,
    );
    const { missing, distinct, longest, bytes } = counts!;
    allBytes += bytes;
    const labels = distinct <= maxLabels && longest <= maxLabelLength ? await countLabels(database, text) : null;
    report.push({ name, type, missing, distinct, labels });
  }
  return { columns: report, bytes: allBytes };
}

/** Most frequent first, equally frequent ones by code point. Null when one holds a NUL: no label, and not to be stored. */
async function countLabels(database: DuckDb, text: string): Promise<StoredColumn['labels']> {
  const labels = await database.query<{ label: string; count: number }>(
    `SELECT ${text} AS label, count(*)::DOUBLE AS count FROM ${stagedTable} WHERE ${text} IS NOT NULL
     GROUP BY label ORDER BY count DESC, label`,
  );
  return labels.some(({ label }) => label.includes('\u0000')) ? null : labels;
}
