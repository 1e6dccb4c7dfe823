import { checkFilterStep } from '../../../src/preparation/checks/filters.js';
import type { FilterRows } from '../../../src/protocol/preparation/steps/filters.js';
import { refuse } from '../refuse.js';
import { compileCondition } from '../row-condition.js';
import type { RunStep } from '../row-table.js';
import { splitsOf } from '../splits/splits-of-rows.js';

export const runFilterRows: RunStep<FilterRows> = async (step, table, tools) => {
  refuse(checkFilterStep(step));
  const rows = { columns: table.columns, splits: await splitsOf(tools, table) };
  const { sql, parameters } = compileCondition(step.where, rows, ['where']);
  const name = tools.names.table();
  await tools.database.query(`CREATE TABLE ${name} AS SELECT * FROM ${table.name} WHERE ${sql}`, parameters);
  return { table: { name, columns: table.columns }, onlyDrops: true };
};
