import { literal } from '../../../src/protocol/duckdb-names.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { counted, grouped, named } from '../wording.js';
import { createFinding, showRows } from './finding.js';
import {
  inputColumns,
  labelOf,
  type ReportedFile,
  type ReportTools,
  row,
  rowsOf,
  split,
  withRole,
} from './reported-file.js';
import { drawGroups } from './suggested-steps.js';

/** Rows outside of the learnt split whose group has rows in another split, too. Rows without a group are alone. */
export async function findDividedGroups(
  tools: ReportTools,
  file: ReportedFile,
  splits: readonly { readonly split: string; readonly rows: number }[],
  learnt: string,
): Promise<ReportFinding[]> {
  const findings: ReportFinding[] = [];
  const [stratum = null] = withRole(file, 'LABEL', 'LABELS');
  for (const column of splits.length < 2 ? [] : withRole(file, 'GROUP')) {
    tools.beat();
    const all = `all_rows AS (SELECT ${row} AS row, ${split} AS split, ${labelOf(file, column)} AS value
        FROM ${rowsOf(file)} WHERE ${labelOf(file, column)} IS NOT NULL),
      parts AS (SELECT value, split, min(row) AS first, count(*) AS rows FROM all_rows GROUP BY ALL),
      divided AS (SELECT value FROM parts GROUP BY value HAVING count(*) > 1)`;
    const [found] = await tools.database.query<{
      rows: number;
      divided: number;
      groups: number;
      splits: string | null;
    }>(
      `WITH ${all}
       SELECT coalesce(sum(rows) FILTER (split <> ${literal(learnt)}), 0)::DOUBLE AS rows,
         count(DISTINCT value)::DOUBLE AS divided, (SELECT count(DISTINCT value) FROM parts)::DOUBLE AS groups,
         to_json(list_sort(list(DISTINCT split)))::VARCHAR AS splits
       FROM parts WHERE value IN (SELECT value FROM divided)`,
    );
    if (found === undefined || found.divided === 0) continue;
    const shown = await tools.database.query<{ row: number; otherRow: number; value: string; other: string }>(
      `WITH ${all},
         first_rows AS (SELECT row, split, value FROM all_rows
           WHERE split <> ${literal(learnt)} AND value IN (SELECT value FROM divided) ORDER BY row LIMIT 10)
       SELECT one.row::DOUBLE AS row, two.first::DOUBLE AS "otherRow", one.value, two.split AS other
       FROM first_rows one JOIN parts two ON one.value = two.value AND one.split <> two.split
       QUALIFY row_number() OVER (PARTITION BY one.row ORDER BY two.split <> ${literal(learnt)}, two.split) = 1
       ORDER BY one.row`,
    );
    const outside = splits.reduce((sum, each) => sum + (each.split === learnt ? 0 : each.rows), 0);
    findings.push(
      createFinding({
        code: 'GROUP_IN_SEVERAL_SPLITS',
        severity: 'WARNING',
        message: `${counted(found.divided, 'group')} of ${grouped(found.groups)} in the column ${named([column.name])} ${found.divided === 1 ? 'has' : 'have'} rows in several splits; ${counted(found.rows, 'row')} of ${counted(outside, 'row')} outside of the split ${named([learnt])} ${found.rows === 1 ? 'belongs' : 'belong'} to ${found.divided === 1 ? 'it' : 'them'}.`,
        columns: [column.name],
        splits: JSON.parse(found.splits ?? '[]') as string[],
        count: found.rows,
        of: outside,
        examples: await showRows(
          tools,
          file,
          inputColumns(file)[0] ?? column,
          shown.map((each) => ({ ...each, detail: `“${each.value}” is also in the split “${each.other}”.` })),
        ),
        suggestedStep: drawGroups(splits, column.name, stratum?.name ?? null),
      }),
    );
  }
  return findings;
}
