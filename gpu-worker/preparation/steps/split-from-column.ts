import { checkSplitStep } from '../../../src/preparation/checks/splits.js';
import type { SplitFromColumn } from '../../../src/protocol/preparation/steps/splits.js';
import { literal } from '../../../src/storage/duckdb.js';
import { namedColumn } from '../columns-of-step.js';
import { checkSplitNames } from '../ingestion/split-plan.js';
import type { RunStep } from '../row-table.js';
import { nameTextOf } from '../splits/column-texts.js';
import { refuse } from '../splits/refuse.js';

export const runSplitFromColumn: RunStep<SplitFromColumn> = async (step, table, { database, names }) => {
  refuse(checkSplitStep(step));
  const text = nameTextOf(namedColumn(table, step.column, null, ['column']));
  const split = step.splitOfMissing === null ? text : `coalesce(${text}, ${literal(step.splitOfMissing)})`;
  const values = await database.query<{ value: string | null; rows: number }>(
    `SELECT ${split} AS value, count(*)::DOUBLE AS rows FROM ${table.name}
     GROUP BY ALL ORDER BY value NULLS FIRST LIMIT 1000`,
  );
  checkSplitNames(step.column, values, ['column']);
  const name = names.table();
  await database.query(`CREATE TABLE ${name} AS SELECT * REPLACE (${split} AS split) FROM ${table.name}`);
  return { table: { name, columns: table.columns } };
};
