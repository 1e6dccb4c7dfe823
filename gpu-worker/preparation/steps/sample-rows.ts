import { checkFilterStep } from '../../../src/preparation/checks/filters.js';
import type { SampleRows } from '../../../src/protocol/preparation/steps/filters.js';
import { namedColumn } from '../columns-of-step.js';
import { refuse } from '../refuse.js';
import type { RowTable, RunStep } from '../row-table.js';
import { textOfValue } from '../text-of-value.js';

/**
 * Rows stay by the order of the MD5 digests of the seed and their numbers, which no number of threads and no other row
 * has a part in.
 */
export const runSampleRows: RunStep<SampleRows> = async (step, table, { database, names }) => {
  refuse(checkFilterStep(step));
  const { seed, count, share } = step;
  const partition = groupOf(step, table);
  const within = partition === null ? '' : `PARTITION BY ${partition}`;
  const most = count === null ? 'floor(rows_of_group * $share + 0.5)' : '$count';
  const name = names.table();
  await database.query(
    `CREATE TABLE ${name} AS SELECT * FROM ${table.name} WHERE row IN (
       SELECT row FROM (
         SELECT row, row_number() OVER (${within} ORDER BY md5(concat($seed, ':', row)), row) AS place,
           count(*) OVER (${within}) AS rows_of_group FROM ${table.name}
       ) WHERE place <= ${most}
     )`,
    { seed: String(seed), ...(count === null ? { share: share! } : { count }) },
  );
  return { table: { name, columns: table.columns }, onlyDrops: true };
};

/** The value that rows of one group have in common, in SQL; null: there is one group. */
function groupOf({ within }: SampleRows, table: RowTable): string | null {
  if (within === null) return null;
  if (within.kind === 'split') return 'split';
  return textOfValue(
    namedColumn(table, within.column, ['TEXT', 'INTEGER', 'FLOAT', 'BOOLEAN', 'TIMESTAMP'], ['within', 'column']),
  );
}
