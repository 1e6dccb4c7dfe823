import { isListType } from '../../../src/protocol/datasets/column-type.js';
import type { StoredColumn, StoredListLengths } from '../../../src/protocol/datasets/stored-version.js';
import { maxLabels } from '../../../src/protocol/heads.js';
import type { DuckDb } from '../../../src/storage/duckdb.js';
import { type StagedColumn, stagedTable, textOf, valueTextOf } from './staging.js';

/** Longer values are texts, not labels. */
const maxLabelLength = 200;

export interface ColumnReport {
  readonly columns: StoredColumn[];
  /** Total bytes of all values, written as text. */
  readonly bytes: number;
  /** The columns whose texts the file must keep beside their values. */
  readonly withTexts: readonly StagedColumn[];
}

/**
 * Describes the values in each staged column. Counts are exact; texts are compared by md5, to hold 16 bytes for each
 * instead of the text.
 */
export async function reportColumns(database: DuckDb, columns: readonly StagedColumn[]): Promise<ColumnReport> {
  const report: StoredColumn[] = [];
  const withTexts: StagedColumn[] = [];
  let allBytes = 0;
  // One column at a time, so that only one set of different values is held at once.
  for (const column of columns) {
    const { name, type, expression } = column;
    const text = textOf(column);
    // Parquet's dictionaries, which hold equal numbers once, lose the sign of a zero.
    const losesSign = type === 'FLOAT' ? `OR (${expression} = 0 AND signbit(${expression}))` : '';
    const [counts] = await database.query<{ missing: number; distinct: number; bytes: number; differs: boolean }>(
      `SELECT (count(*) - count(${expression}))::DOUBLE AS missing,
         count(DISTINCT md5_number(${text}))::DOUBLE AS "distinct",
         coalesce(sum(strlen(${text})), 0)::DOUBLE AS bytes,
         coalesce(bool_or(${text} <> ${valueTextOf(column)} ${losesSign}), false) AS differs
       FROM ${stagedTable}`,
    );
    const { missing, distinct, bytes, differs } = counts!;
    if (differs) withTexts.push(column);
    allBytes += bytes;
    const isList = isListType(type);
    const labels = await countLabels(database, column, isList ? null : distinct);
    const lengths = isList ? await measureLists(database, expression) : null;
    report.push({ name, type, missing, distinct, labels, lengths });
  }
  return { columns: report, bytes: allBytes, withTexts };
}

/**
 * The labels, most frequent first, and equally frequent ones by code point. Null when there are too many labels, when
 * one is too long, or when one holds a NUL, which can't be stored.
 *
 * @param distinct how many different values there are, if known
 */
async function countLabels(
  database: DuckDb,
  column: StagedColumn,
  distinct: number | null,
): Promise<StoredColumn['labels']> {
  const { type, expression } = column;
  // Vectors have about as many different numbers as items.
  if (type === 'FLOAT_LIST' || (distinct !== null && distinct > maxLabels)) return null;
  const text = isListType(type) ? `CAST(unnest(${expression}) AS VARCHAR)` : textOf(column);
  const labels = `(SELECT ${text} AS label FROM ${stagedTable})`;
  const [found] = await database.query<{ distinct: number; longest: number }>(
    `SELECT ${distinct ?? 'count(DISTINCT md5_number(label))'}::DOUBLE AS "distinct",
       coalesce(max(length(label)), 0)::DOUBLE AS longest
     FROM ${labels}`,
  );
  if (found!.distinct > maxLabels || found!.longest > maxLabelLength) return null;
  const counts = await database.query<{ label: string; count: number }>(
    `SELECT label, count(*)::DOUBLE AS count FROM ${labels} WHERE label IS NOT NULL
     GROUP BY label ORDER BY count DESC, label`,
  );
  return counts.some(({ label }) => label.includes('\u0000')) ? null : counts;
}

/** Lengths of the lists; null if there is no list. */
async function measureLists(database: DuckDb, expression: string): Promise<StoredListLengths | null> {
  const [found] = await database.query<{ [length in keyof StoredListLengths]: number | null }>(
    `SELECT min(len(${expression}))::DOUBLE AS shortest, max(len(${expression}))::DOUBLE AS longest,
       avg(len(${expression}))::DOUBLE AS mean
     FROM ${stagedTable}`,
  );
  const { shortest, longest, mean } = found!;
  return shortest === null || longest === null || mean === null ? null : { shortest, longest, mean };
}
