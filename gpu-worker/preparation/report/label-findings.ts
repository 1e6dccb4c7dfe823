import { literal } from '../../../src/protocol/duckdb-names.js';
import type { LabelDistribution } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { counted, grouped, named } from '../wording.js';
import { createFinding, showRows } from './finding.js';
import { distributeLabels, type LabelTable, withoutVariants } from './labels.js';
import { inputColumns, labelsOf, type ReportedFile, type ReportTools } from './reported-file.js';
import { balanceLabels, drawStratified, mapLabels } from './suggested-steps.js';

/** A most frequent class with this many times the examples of the rarest is worth a notice, and a warning. */
const unequal = { notice: 10, warning: 100 } as const;

/**
 * Variants of a label are one class here: they are a finding of their own.
 * @param options.fewExamples classes with fewer examples in the learnt split are few
 */
export async function findInLabels(
  tools: ReportTools,
  file: ReportedFile,
  labels: LabelTable,
  {
    splits,
    learnt,
    fewExamples,
  }: {
    readonly splits: readonly { readonly split: string; readonly rows: number }[];
    readonly learnt: string;
    readonly fewExamples: number;
  },
): Promise<ReportFinding[]> {
  const distributions = await distributeLabels(tools, withoutVariants(labels));
  return [
    ...findImbalance(labels, distributions, learnt),
    ...(await findFewExamples(tools, file, labels, learnt, fewExamples)),
    ...(await findMissingClasses(tools, labels, splits, distributions, learnt)),
    ...(await findVariants(tools, file, labels)),
  ];
}

function findImbalance({ column }: LabelTable, distributions: readonly LabelDistribution[], learnt: string) {
  const found = distributions.find((each) => each.split === learnt);
  if (found === undefined) return [];
  const [first] = found.counts;
  const place = { columns: [column.name], splits: [learnt] };
  if (found.classes === 1) {
    // Of lists, a single label can still be there or not.
    if (column.role !== 'LABEL') return [];
    const message = `All ${counted(found.labels, 'example')} of the split ${named([learnt])} have the label ${named([first?.label ?? ''])}.`;
    return [createFinding({ code: 'SINGLE_CLASS', severity: 'ERROR', message, ...place, count: found.labels })];
  }
  // Words of a text are outside of entities mostly; that is no fault of the data.
  if (column.role === 'TAGS' || found.ratio < unequal.notice) return [];
  return [
    createFinding({
      code: 'IMBALANCED_LABELS',
      severity: found.ratio < unequal.warning ? 'NOTICE' : 'WARNING',
      message: `In the split ${named([learnt])}, the most frequent label of ${named([column.name])}, ${named([first?.label ?? ''])}, has ${grouped(Math.round(found.ratio))} times the examples of the rarest. The ${counted(found.classes, 'class', 'classes')} are as uncertain as ${found.effectiveClasses.toFixed(1)} equal ones.`,
      ...place,
      count: first?.count ?? 0,
      of: found.labels,
      suggestedStep: found.ratio < unequal.warning ? null : balanceLabels(column.name, learnt),
    }),
  ];
}

async function findFewExamples(
  tools: ReportTools,
  file: ReportedFile,
  labels: LabelTable,
  learnt: string,
  threshold: number,
) {
  const few = await tools.database.query<{ label: string; count: number; total: number; classes: number }>(
    `WITH classes AS (SELECT first(label ORDER BY count DESC, label) AS label, sum(count)::DOUBLE AS count FROM ${labels.table}
       WHERE split = ${literal(learnt)} GROUP BY folded)
     SELECT label, count, (count(*) OVER ())::DOUBLE AS total, (SELECT count(*) FROM classes)::DOUBLE AS classes
     FROM classes WHERE count < ${threshold} ORDER BY count, label LIMIT 20`,
  );
  const [rarest] = few;
  if (rarest === undefined) return [];
  const rows = await tools.database.query<{ row: number; label: string; count: number }>(
    `WITH few AS (SELECT folded, first(label ORDER BY count DESC, label) AS label, sum(count) AS count FROM ${labels.table}
       WHERE split = ${literal(learnt)} GROUP BY folded HAVING sum(count) < ${threshold})
     SELECT each.row::DOUBLE AS row, arg_min(few.label, (few.count, few.label)) AS label, min(few.count)::DOUBLE AS count
     FROM (${labelsOf(file, labels.column)}) each
       JOIN ${labels.table} spelt ON spelt.split = each.split AND spelt.label = each.label
       JOIN few USING (folded)
     WHERE each.split = ${literal(learnt)} GROUP BY each.row ORDER BY 1 LIMIT 10`,
  );
  return [
    createFinding({
      code: 'FEW_EXAMPLES',
      severity: 'WARNING',
      message: `${counted(rarest.total, 'class', 'classes')} of ${grouped(rarest.classes)} in the column ${named([labels.column.name])} ${rarest.total === 1 ? 'has' : 'have'} fewer than ${counted(threshold, 'example')} in the split ${named([learnt])}; the rarest, ${named([rarest.label])}, has ${grouped(rarest.count)}.`,
      columns: [labels.column.name],
      splits: [learnt],
      count: rarest.total,
      of: rarest.classes,
      examples: await showRows(
        tools,
        file,
        inputColumns(file)[0] ?? labels.column,
        rows.map((each) => ({ row: each.row, detail: `“${each.label}” has ${counted(each.count, 'example')}.` })),
      ),
    }),
  ];
}

async function findMissingClasses(
  { database }: ReportTools,
  { column, table }: LabelTable,
  splits: readonly { readonly split: string; readonly rows: number }[],
  distributions: readonly LabelDistribution[],
  learnt: string,
) {
  const findings: ReportFinding[] = [];
  for (const { split } of distributions) {
    const missing = await database.query<{ label: string; total: number }>(
      `SELECT first(label ORDER BY count DESC, label) AS label, (count(*) OVER ())::DOUBLE AS total FROM ${table} WHERE folded NOT IN
         (SELECT folded FROM ${table} WHERE split = ${literal(split)})
       GROUP BY folded ORDER BY sum(count) DESC, label LIMIT 20`,
    );
    const [first] = missing;
    if (first === undefined) continue;
    findings.push(
      createFinding({
        code: 'CLASS_MISSING_IN_SPLIT',
        severity: split === learnt ? 'ERROR' : 'WARNING',
        message: `The split ${named([split])} has no example of ${counted(first.total, 'class', 'classes')} of the column ${named([column.name])} that other splits have: ${first.total > missing.length ? `${named(missing.map((each) => each.label).slice(0, 4))} and others` : named(missing.map((each) => each.label))}.`,
        columns: [column.name],
        splits: [split],
        count: first.total,
        suggestedStep: column.role === 'LABEL' || column.role === 'LABELS' ? drawStratified(splits, column.name) : null,
      }),
    );
  }
  return findings;
}

/** Labels that are equal without case and white space: the most frequent spelling is taken for the right one. */
async function findVariants(tools: ReportTools, file: ReportedFile, { column, table }: LabelTable) {
  const groups = await tools.database.query<{ spellings: string }>(
    `SELECT to_json(list(label ORDER BY count DESC, label))::VARCHAR AS spellings
     FROM (SELECT label, folded, sum(count) AS count FROM ${table} GROUP BY label, folded)
     GROUP BY folded
     HAVING count(*) > 1 ORDER BY sum(count) DESC, spellings LIMIT 1000`,
  );
  if (groups.length === 0) return [];
  const spellings = groups.map((each) => JSON.parse(each.spellings) as string[]);
  const mapping = spellings.flatMap(([right, ...others]) => others.map((from) => ({ from, to: right! })));
  const variants = mapping.map(({ from }) => literal(from)).join(', ');
  const rows = await tools.database.query<{ row: number; label: string; total: number }>(
    `SELECT row::DOUBLE AS row, label, (count(*) OVER ())::DOUBLE AS total
     FROM (${labelsOf(file, column)}) WHERE label IN (${variants}) ORDER BY row LIMIT 10`,
  );
  const right = new Map(mapping.map(({ from, to }) => [from, to]));
  return [
    createFinding({
      code: 'LABEL_VARIANTS',
      severity: 'ERROR',
      message: `${counted(mapping.length, 'label')} of the column ${named([column.name])} ${mapping.length === 1 ? 'differs' : 'differ'} from another one in case or white space alone, in ${counted(rows[0]?.total ?? 0, 'row')}: ${named(mapping.map(({ from }) => from))}.`,
      columns: [column.name],
      count: rows[0]?.total ?? 0,
      examples: await showRows(
        tools,
        file,
        column,
        rows.map((each) => ({ row: each.row, detail: `“${each.label}” is “${right.get(each.label)}” elsewhere.` })),
      ),
      suggestedStep: mapLabels(column.name, mapping),
    }),
  ];
}
