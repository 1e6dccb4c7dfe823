import type { SplitDuplicates } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { counted, named, percent } from '../wording.js';
import type { Candidates } from './candidates.js';
import { measuredFirst } from './duplicates.js';
import { createFinding, showRows } from './finding.js';
import type { NearTable } from './near-table.js';
import { inputColumns, type ReportedFile, type ReportTools } from './reported-file.js';
import { dropCopies, dropLeaks } from './suggested-steps.js';

interface SplitRows {
  readonly split: string;
  readonly rows: number;
}

export async function countNearDuplicates(
  { database }: ReportTools,
  table: NearTable,
  splits: readonly SplitRows[],
): Promise<SplitDuplicates[]> {
  const pairs = await database.query<{ split: string; other: string; rows: number }>(
    `WITH groups AS (SELECT cluster, split, count(*) AS count FROM ${table} GROUP BY ALL)
     SELECT one.split, two.split AS other,
       sum(one.count - CASE WHEN one.split = two.split THEN 1 ELSE 0 END)::DOUBLE AS rows
     FROM groups one JOIN groups two USING (cluster) GROUP BY ALL HAVING rows > 0 ORDER BY one.split, other`,
  );
  const rowsOfSplit = new Map(splits.map((each) => [each.split, each.rows]));
  return pairs.map((pair) => ({ kind: 'NEAR', ...pair, share: pair.rows / rowsOfSplit.get(pair.split)! }));
}

/** Near copies that are no copies but for case and white space: those are findings of their own. */
export async function findNearDuplicates(
  tools: ReportTools,
  file: ReportedFile,
  table: NearTable,
  candidates: Candidates,
  splits: readonly SplitRows[],
  learnt: string,
): Promise<ReportFinding[]> {
  const columns = inputColumns(file).map(({ name }) => name);
  const rows = splits.reduce((sum, each) => sum + each.rows, 0);
  const text = inputColumns(file)[0]!;
  const findings: ReportFinding[] = [];
  const within = await tools.database.query<{ row: number; otherRow: number; total: number }>(
    `SELECT row::DOUBLE AS row, first::DOUBLE AS "otherRow", (count(*) OVER ())::DOUBLE AS total
     FROM (SELECT row, min(row) OVER (PARTITION BY cluster, split) AS first FROM ${table})
     WHERE row > first AND row NOT IN (
       SELECT row FROM (SELECT row, min(row) OVER (PARTITION BY normalized, split) AS first FROM ${candidates.table})
       WHERE row > first)
     ORDER BY 1 LIMIT 10`,
  );
  const [copy] = within;
  if (copy !== undefined) {
    findings.push(
      createFinding({
        code: 'NEAR_DUPLICATES',
        severity: copy.total / rows >= 0.05 ? 'WARNING' : 'NOTICE',
        message: `${counted(copy.total, 'row')} of ${counted(rows, 'row')} (${percent(copy.total / rows)}) ${copy.total === 1 ? 'has' : 'have'} nearly the same text as a row before in the same split.`,
        columns,
        count: copy.total,
        of: rows,
        examples: await showRows(tools, file, text, within),
        suggestedStep: dropCopies(columns, 'near', measuredFirst(splits, learnt)),
      }),
    );
  }
  for (const each of splits) {
    if (each.split === learnt) continue;
    tools.beat();
    const across = await tools.database.query<{ row: number; otherRow: number; total: number }>(
      `SELECT one.row::DOUBLE AS row, two.first::DOUBLE AS "otherRow", (count(*) OVER ())::DOUBLE AS total
       FROM ${table} one JOIN
         (SELECT cluster, min(row) AS first FROM ${table} WHERE split = $learnt GROUP BY cluster) two USING (cluster)
       WHERE one.split = $split AND one.row NOT IN (
         SELECT row FROM ${candidates.table} WHERE input IN
           (SELECT input FROM ${candidates.table} WHERE split = $learnt))
       ORDER BY 1 LIMIT 10`,
      { split: each.split, learnt },
    );
    const [leak] = across;
    if (leak === undefined) continue;
    findings.push(
      createFinding({
        code: 'NEAR_DUPLICATES_ACROSS_SPLITS',
        severity: 'WARNING',
        message: `${counted(leak.total, 'row')} of ${counted(each.rows, 'row')} (${percent(leak.total / each.rows)}) of the split ${named([each.split])} ${leak.total === 1 ? 'is a near copy' : 'are near copies'} of a row in the split ${named([learnt])}.`,
        columns,
        splits: [each.split, learnt],
        count: leak.total,
        of: each.rows,
        examples: await showRows(tools, file, text, across),
        suggestedStep: dropLeaks(columns, 'near', [each.split, learnt]),
      }),
    );
  }
  return findings;
}
