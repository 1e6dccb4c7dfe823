import type { SplitDuplicates } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { counted, named, percent } from '../wording.js';
import type { Candidates } from './candidates.js';
import { createFinding, showRows } from './finding.js';
import { contentColumns, type FileColumn, inputColumns, type ReportedFile, type ReportTools } from './reported-file.js';
import { dropCopies, dropLeaks, resolveConflicts } from './suggested-steps.js';

interface SplitRows {
  readonly split: string;
  readonly rows: number;
}

/** Rows of each split that double one of the same or of another split, by equal and by normalized texts. */
export async function countDuplicates(
  { database, beat }: ReportTools,
  { table }: Candidates,
  splits: readonly SplitRows[],
): Promise<SplitDuplicates[]> {
  const all: SplitDuplicates[] = [];
  for (const [kind, key] of [
    ['EXACT', 'exact'],
    ['NORMALIZED', 'normalized'],
  ] as const) {
    beat();
    const pairs = await database.query<{ split: string; other: string; rows: number }>(
      `WITH groups AS (SELECT ${key} AS key, split, count(*) AS count FROM ${table} GROUP BY ALL)
       SELECT one.split, two.split AS other,
         sum(one.count - CASE WHEN one.split = two.split THEN 1 ELSE 0 END)::DOUBLE AS rows
       FROM groups one JOIN groups two USING (key) GROUP BY ALL HAVING rows > 0 ORDER BY one.split, other`,
    );
    const rowsOfSplit = new Map(splits.map((each) => [each.split, each.rows]));
    all.push(...pairs.map((pair) => ({ kind, ...pair, share: pair.rows / rowsOfSplit.get(pair.split)! })));
  }
  return all;
}

/** Copies within a split. */
export async function findCopies(
  tools: ReportTools,
  file: ReportedFile,
  candidates: Candidates,
  splits: readonly SplitRows[],
  learnt: string,
): Promise<ReportFinding[]> {
  const rows = splits.reduce((sum, each) => sum + each.rows, 0);
  const first = (key: string) => `min(row) OVER (PARTITION BY ${key}, split)`;
  const copies = `SELECT row, split, ${first('exact')} AS exact, ${first('normalized')} AS normalized FROM ${candidates.table}`;
  const kinds = [
    {
      code: 'EXACT_DUPLICATES',
      match: 'exact',
      other: 'exact',
      condition: 'row > exact',
      what: 'exactly the same texts as a row before',
    },
    {
      code: 'NORMALIZED_DUPLICATES',
      match: 'normalized',
      other: 'normalized',
      condition: 'row = exact AND row > normalized',
      what: 'the same texts as a row before but for case, white space and the composition of characters',
    },
  ] as const;
  const findings: ReportFinding[] = [];
  for (const { code, match, other, condition, what } of kinds) {
    tools.beat();
    const found = await tools.database.query<{ row: number; otherRow: number; total: number; splits: string }>(
      `SELECT row::DOUBLE AS row, ${other}::DOUBLE AS "otherRow", (count(*) OVER ())::DOUBLE AS total,
         to_json(list_sort(list(DISTINCT split) OVER ()))::VARCHAR AS splits
       FROM (${copies}) WHERE ${condition} ORDER BY row LIMIT 10`,
    );
    const [one] = found;
    if (one === undefined) continue;
    findings.push(
      createFinding({
        code,
        severity: one.total / rows >= 0.01 ? 'WARNING' : 'NOTICE',
        message: `${counted(one.total, 'row')} of ${counted(rows, 'row')} (${percent(one.total / rows)}) ${one.total === 1 ? 'has' : 'have'} ${what} in the same split.`,
        columns: namesOf(inputColumns(file)),
        splits: JSON.parse(one.splits) as string[],
        count: one.total,
        of: rows,
        examples: await showRows(tools, file, inputColumns(file)[0]!, found),
        suggestedStep: dropCopies(namesOf(contentColumns(file)), match, measuredFirst(splits, learnt)),
      }),
    );
  }
  return findings;
}

/** Rows of a split that are also in another one: above all, in the one that is learnt from. */
export async function findLeaks(
  tools: ReportTools,
  file: ReportedFile,
  { table }: Candidates,
  splits: readonly SplitRows[],
  learnt: string,
): Promise<ReportFinding[]> {
  const findings: ReportFinding[] = [];
  for (const { split, rows } of splits) {
    if (split === learnt) continue;
    // Of two splits that are both measured, one finding is enough.
    for (const other of [
      learnt,
      ...splits.map((each) => each.split).filter((each) => each !== learnt && each < split),
    ]) {
      tools.beat();
      const found = await tools.database.query<{ row: number; otherRow: number; total: number }>(
        `SELECT one.row::DOUBLE AS row, two.first::DOUBLE AS "otherRow", (count(*) OVER ())::DOUBLE AS total
         FROM ${table} one JOIN
           (SELECT input, min(row) AS first FROM ${table} WHERE split = $other GROUP BY input) two USING (input)
         WHERE one.split = $split ORDER BY one.row LIMIT 10`,
        { split, other },
      );
      const [first] = found;
      if (first === undefined) continue;
      const share = first.total / rows;
      findings.push(
        createFinding({
          code: 'DUPLICATES_ACROSS_SPLITS',
          severity: other === learnt && share >= 0.01 ? 'ERROR' : 'WARNING',
          message: `${counted(first.total, 'row')} of ${counted(rows, 'row')} (${percent(share)}) of the split ${named([split])} ${first.total === 1 ? 'has' : 'have'} a text that is also in the split ${named([other])}; case and white space are not compared.`,
          columns: namesOf(inputColumns(file)),
          splits: [split, other],
          count: first.total,
          of: rows,
          examples: await showRows(tools, file, inputColumns(file)[0]!, found),
          suggestedStep: dropLeaks(namesOf(inputColumns(file)), 'normalized', [split, other]),
        }),
      );
    }
  }
  return findings;
}

/** Equal texts with different targets. */
export async function findConflicts(
  tools: ReportTools,
  file: ReportedFile,
  { table, targets }: Candidates,
  rows: number,
): Promise<ReportFinding[]> {
  const findings: ReportFinding[] = [];
  for (const [i, column] of targets.entries()) {
    tools.beat();
    const target = `target${i}`;
    const found = await tools.database.query<{
      row: number;
      otherRow: number;
      own: string;
      others: string;
      total: number;
      texts: number;
    }>(
      `WITH groups AS (
         SELECT input, count(*) AS count, min(row) AS first, arg_min(${target}, row) AS target
         FROM ${table} WHERE ${target} IS NOT NULL GROUP BY input HAVING min(${target}) <> max(${target}))
       SELECT row::DOUBLE AS row, first::DOUBLE AS "otherRow", ${target} AS own, groups.target AS others,
         (SELECT sum(count) FROM groups)::DOUBLE AS total, (SELECT count(*) FROM groups)::DOUBLE AS texts
       FROM ${table} JOIN groups USING (input) WHERE ${target} <> groups.target ORDER BY row LIMIT 10`,
    );
    const [first] = found;
    if (first === undefined) continue;
    findings.push(
      createFinding({
        code: 'LABEL_CONFLICTS',
        severity: 'WARNING',
        message: `${counted(first.texts, 'text')} in ${counted(first.total, 'row')} ${first.texts === 1 ? 'has' : 'have'} different values in the column ${named([column.name])}; case and white space are not compared.`,
        columns: [column.name],
        count: first.total,
        of: rows,
        examples: await showRows(
          tools,
          file,
          inputColumns(file)[0]!,
          found.map((each) => ({ ...each, detail: `“${each.own}” here, “${each.others}” in the other row.` })),
        ),
        suggestedStep:
          column.role === 'LABEL' || column.role === 'LABELS'
            ? resolveConflicts(namesOf(inputColumns(file)), column.name)
            : null,
      }),
    );
  }
  return findings;
}

/** Of copies in several splits, those that are measured stay: a training loses little by a row. */
export function measuredFirst(splits: readonly SplitRows[], learnt: string): string[] {
  return [...splits.map((each) => each.split).filter((each) => each !== learnt), learnt];
}

function namesOf(columns: readonly FileColumn[]): string[] {
  return columns.map(({ name }) => name);
}
