import { checkSplitStep } from '../../../src/preparation/checks/splits.js';
import type { RenameSplits } from '../../../src/protocol/preparation/steps/splits.js';
import { literal } from '../../../src/storage/duckdb.js';
import type { RunStep } from '../row-table.js';
import { refuse } from '../splits/refuse.js';
import { requireSplits } from '../splits/splits-of-rows.js';

export const runRenameSplits: RunStep<RenameSplits> = async (step, table, tools) => {
  refuse(checkSplitStep(step));
  const from = step.names.map((each) => each.from);
  await requireSplits(tools, table, from, ['names']);
  const cases = step.names.map((each) => `WHEN ${literal(each.from)} THEN ${literal(each.to)}`);
  const name = tools.names.table();
  await tools.database.query(
    `CREATE TABLE ${name} AS SELECT * REPLACE (CASE split ${cases.join(' ')} ELSE split END AS split) FROM ${table.name}`,
  );
  return { table: { name, columns: table.columns } };
};
