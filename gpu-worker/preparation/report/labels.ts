import { literal } from '../../../src/protocol/duckdb-names.js';
import type { LabelDistribution } from '../../../src/protocol/preparation/report.js';
import { classColumns, type FileColumn, labelsOf, type ReportedFile, type ReportTools } from './reported-file.js';
import type { ScratchTables } from './scratch-tables.js';

const mostListedClasses = 1000;

/**
 * A table (split, label, folded, count) of one column's labels in the report's database, or a query in parentheses that
 * gives it. Variants of a label, which differ in case and white space alone, are equal when folded.
 */
export interface LabelTable {
  readonly column: FileColumn;
  readonly table: string;
}

/** The SQL of a label in which its variants are equal. */
export function foldedLabel(label: string): string {
  return `lower(trim(regexp_replace(nfc_normalize(${label}), '[\\s\\p{Z}]+', ' ', 'g')))`;
}

/** Counts the labels of each column once; all that is said about classes comes from these small tables. */
export async function countLabels(
  { beat }: ReportTools,
  scratch: ScratchTables,
  file: ReportedFile,
): Promise<LabelTable[]> {
  const counted: LabelTable[] = [];
  for (const column of classColumns(file)) {
    beat();
    const query = `SELECT split, label, ${foldedLabel('label')} AS folded, count(*) AS count FROM (${labelsOf(file, column)}) GROUP BY ALL`;
    counted.push({ column, table: await scratch.create('labels', query) });
  }
  return counted;
}

/** The same with the variants of a label counted as one, by their most frequent spelling in a split. */
export function withoutVariants({ column, table }: LabelTable): LabelTable {
  const spelling = 'first(label ORDER BY count DESC, label)';
  return {
    column,
    table: `(SELECT split, ${spelling} AS label, folded, sum(count)::BIGINT AS count FROM ${table} GROUP BY split, folded)`,
  };
}

/**
 * The shares of the classes by split, with three measures of how unequal they are. A sum of fractions depends on their
 * order, which threads would change.
 */
export async function distributeLabels(
  { database }: ReportTools,
  { column, table }: LabelTable,
): Promise<LabelDistribution[]> {
  const splits = await database.query<Omit<LabelDistribution, 'column' | 'counts'>>(
    `SELECT split, labels, classes, ratio, exp(entropy) AS "effectiveClasses",
       CASE WHEN classes = 1 THEN 1 ELSE least(1, greatest(0, entropy / ln(classes))) END AS "normalizedEntropy"
     FROM (SELECT split, sum(count)::DOUBLE AS labels, count(*)::DOUBLE AS classes,
             max(count)::DOUBLE / min(count) AS ratio,
             greatest(0, ln(sum(count)) - sum(count * ln(count) ORDER BY count) / sum(count)) AS entropy
           FROM ${table} GROUP BY split)
     ORDER BY split`,
  );
  return Promise.all(
    splits.map(async (each) => ({
      column: column.name,
      ...each,
      counts: await database.query<{ label: string; count: number }>(
        `SELECT label, count::DOUBLE AS count FROM ${table} WHERE split = ${literal(each.split)}
         ORDER BY count DESC, label LIMIT ${mostListedClasses}`,
      ),
    })),
  );
}
