import { checkFilterStep } from '../../../src/preparation/checks/filters.js';
import type { FilterRows } from '../../../src/protocol/preparation/steps/filters.js';
import { refuse } from '../refuse.js';
import { compileCondition } from '../row-condition.js';
import type { RunStep } from '../row-table.js';

export const runFilterRows: RunStep<FilterRows> = async (step, table, { database, names }) => {
  refuse(checkFilterStep(step));
  const { sql, parameters } = compileCondition(step.where, table.columns, ['where']);
  const name = names.table();
  await database.query(`CREATE TABLE ${name} AS SELECT * FROM ${table.name} WHERE ${sql}`, parameters);
  return { table: { name, columns: table.columns }, onlyDrops: true };
};
