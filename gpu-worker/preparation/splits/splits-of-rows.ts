import { checkKnownSplits } from '../../../src/preparation/checks/splits.js';
import type { RowTable, StepTools } from '../row-table.js';
import { refuse } from './refuse.js';

/** The splits that rows are in, in order of their names. */
export async function splitsOf({ database }: StepTools, { name }: RowTable): Promise<string[]> {
  const rows = await database.query<{ split: string }>(
    `SELECT DISTINCT split FROM ${name} WHERE split IS NOT NULL ORDER BY split`,
  );
  return rows.map(({ split }) => split);
}

/** @throws ProblemsError UNKNOWN_SPLIT for a name that no row has */
export async function requireSplits(
  tools: StepTools,
  table: RowTable,
  names: readonly string[],
  path: readonly string[],
): Promise<void> {
  refuse(checkKnownSplits(names, await splitsOf(tools, table), path));
}

/**
 * The rows with other splits.
 * @param assigned a table of `row` and `split`; rows that are not in it keep theirs
 */
export async function withSplits({ database, names }: StepTools, table: RowTable, assigned: string): Promise<RowTable> {
  const name = names.table();
  await database.query(
    `CREATE TABLE ${name} AS
     SELECT t.* REPLACE (coalesce(a.split, t.split) AS split) FROM ${table.name} t LEFT JOIN ${assigned} a USING (row)`,
  );
  return { name, columns: table.columns };
}
