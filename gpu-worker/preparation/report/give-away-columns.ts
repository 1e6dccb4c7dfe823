import { identifier } from '../../../src/protocol/duckdb-names.js';
import type { ReportedColumn } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { counted, named, percent } from '../wording.js';
import { createFinding, showRows } from './finding.js';
import {
  type FileColumn,
  hasNoUse,
  isList,
  isNumeric,
  labelOf,
  mayBeDropped,
  type ReportedFile,
  type ReportTools,
  row,
  rowsOf,
  split,
  withRole,
} from './reported-file.js';
import { dropColumns } from './suggested-steps.js';

/** Shares of the uncertainty about a label that a column may take away before a warning, and before an error. */
const takenAway = { warning: 0.8, error: 0.98 } as const;

/** Numbers with many values are put into bins of equal counts: at most so many, of at least so many rows each. */
const bins = { most: 64, leastRows: 10 } as const;

/** Numbers whose values have fewer rows each, on average, are put into bins: nothing is learnt from a row or two. */
const leastRowsOfValue = 4;

/** Columns that are looked at: each takes a pass over its values. */
const mostColumns = 500;

/** Fewer labelled rows say nothing. */
const leastRows = 50;

/** How much a column tells about a label. */
interface Association {
  readonly rows: number;
  /** Entropy of the label, in nats. */
  readonly entropy: number;
  /**
   * Cross-entropy, in nats, of the label of a row given those of the *other* rows with the same value. A column whose
   * values occur once tells nothing by it, while its conditional entropy is 0.
   */
  readonly leftOutEntropy: number;
  /** Conditional entropy of the label given the value, without that guard. */
  readonly conditionalEntropy: number;
  readonly values: number;
}

/** Columns beside the texts by whose value the label is known. */
export async function findGiveAwayColumns(
  tools: ReportTools,
  file: ReportedFile,
  measured: readonly ReportedColumn[],
  learnt: string,
): Promise<ReportFinding[]> {
  const findings: ReportFinding[] = [];
  for (const label of withRole(file, 'LABEL')) {
    const beside = file.columns.map((column, i) => ({ column, measured: measured[i]! }));
    for (const { column, measured } of beside
      .filter((each) => mayGiveAway(each.column, each.measured))
      .slice(0, mostColumns)) {
      tools.beat();
      const measure = await associate(tools, file, column, label, learnt, measured);
      if (measure === null || measure.rows < leastRows || measure.entropy < 0.01) continue;
      const told = 1 - measure.leftOutEntropy / measure.entropy;
      if (told < takenAway.warning) continue;
      const examples = await tools.database.query<{ row: number; value: string; label: string }>(
        `SELECT ${row}::DOUBLE AS row, left(CAST(${identifier(column.name)} AS VARCHAR), 80) AS value,
           left(${labelOf(file, label)}, 80) AS label
         FROM ${rowsOf(file)} WHERE ${split} = $learnt AND ${identifier(column.name)} IS NOT NULL
           AND ${identifier(label.name)} IS NOT NULL ORDER BY row LIMIT 10`,
        { learnt },
      );
      findings.push(
        createFinding({
          code: 'COLUMN_GIVES_LABEL_AWAY',
          severity: told >= takenAway.error ? 'ERROR' : 'WARNING',
          message: `The column ${named([column.name])} takes away ${percent(Math.min(1, told))} of the uncertainty about ${named([label.name])}: its ${counted(measure.values, 'value')} nearly determine the label of ${counted(measure.rows, 'row')}.`,
          columns: [column.name, label.name],
          splits: [learnt],
          count: measure.rows,
          examples: await showRows(
            tools,
            file,
            column,
            examples.map((each) => ({ row: each.row, detail: `“${each.value}” has the label “${each.label}”.` })),
          ),
          suggestedStep: mayBeDropped(file, column) ? dropColumns([column.name]) : null,
        }),
      );
    }
  }
  return findings;
}

function mayGiveAway(column: FileColumn, { distinctValues, missing }: ReportedColumn): boolean {
  // Texts are looked at word by word, and other targets are no inputs.
  const isBeside = hasNoUse(column) || ['GROUP', 'TIME', 'SLICE', 'WEIGHT', 'NUMBER'].includes(column.role ?? '');
  const rows = missing.reduce((sum, each) => sum + each.rows - each.missing, 0);
  // Numbers are put into bins; of other values that hardly ever occur twice, nothing can be learnt.
  return isBeside && !isList(column) && distinctValues > 1 && (isNumeric(column) || distinctValues < 0.6 * rows);
}

/**
 * How much a column tells about a label in the learnt split, by the counts of value and label.
 *
 * The left-out estimate of a row with value v and label l is (n(v,l) − 1 + p(l)) / n(v): the other rows' counts, and
 * one row's worth of the label's own distribution p.
 */
async function associate(
  { database }: ReportTools,
  file: ReportedFile,
  column: FileColumn,
  label: FileColumn,
  learnt: string,
  { distinctValues, missing }: ReportedColumn,
): Promise<Association | null> {
  const ofLearnt = missing.find((each) => each.split === learnt);
  const learntRows = ofLearnt === undefined ? 0 : ofLearnt.rows - ofLearnt.missing;
  const value = identifier(column.name);
  const isBinned = isNumeric(column) && distinctValues > Math.min(bins.most, learntRows / leastRowsOfValue);
  const binCount = Math.max(2, Math.min(bins.most, Math.floor(learntRows / bins.leastRows)));
  const rows = `SELECT ${isBinned ? value : `hash(${value})`} AS value, ${labelOf(file, label)} AS label FROM ${rowsOf(file)}
    WHERE ${split} = $learnt AND ${value} IS NOT NULL AND ${identifier(label.name)} IS NOT NULL`;
  const binned = isBinned ? `SELECT ntile(${binCount}) OVER (ORDER BY value) AS value, label FROM (${rows})` : rows;
  // Sums of fractions depend on their order, which threads change.
  const [measure] = await database.query<Association>(
    `WITH cells AS MATERIALIZED (SELECT value, label, count(*)::DOUBLE AS n FROM (${binned}) GROUP BY ALL),
       totals AS (SELECT sum(n) AS total FROM cells),
       labels AS (SELECT label, sum(n) / (SELECT total FROM totals) AS p FROM cells GROUP BY label),
       groups AS (SELECT value, sum(n) AS n FROM cells GROUP BY value)
     SELECT (SELECT total FROM totals) AS rows, (SELECT -sum(p * ln(p) ORDER BY p) FROM labels) AS entropy,
       -sum(cells.n * ln((cells.n - 1 + p) / groups.n) ORDER BY cells.n, p, groups.n) / (SELECT total FROM totals) AS "leftOutEntropy",
       -sum(cells.n * ln(cells.n / groups.n) ORDER BY cells.n, groups.n) / (SELECT total FROM totals) AS "conditionalEntropy",
       (SELECT count(*) FROM groups)::DOUBLE AS values
     FROM cells JOIN labels USING (label) JOIN groups USING (value)`,
    { learnt },
  );
  return measure === undefined || measure.rows === null ? null : measure;
}
