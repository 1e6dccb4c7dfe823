import { checkSplitStep } from '../../../src/preparation/checks/splits.js';
import type { KeepSplits } from '../../../src/protocol/preparation/steps/splits.js';
import { literal } from '../../../src/storage/duckdb.js';
import type { RunStep } from '../row-table.js';
import { refuse } from '../splits/refuse.js';
import { requireSplits } from '../splits/splits-of-rows.js';

export const runKeepSplits: RunStep<KeepSplits> = async (step, table, tools) => {
  refuse(checkSplitStep(step));
  await requireSplits(tools, table, step.splits, ['splits']);
  const name = tools.names.table();
  await tools.database.query(
    `CREATE TABLE ${name} AS SELECT * FROM ${table.name} WHERE split IN (${step.splits.map(literal).join(', ')})`,
  );
  return { table: { name, columns: table.columns }, onlyDrops: true };
};
