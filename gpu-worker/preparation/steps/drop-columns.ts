import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { DropColumns } from '../../../src/protocol/preparation/steps/columns.js';
import { namedColumns } from '../columns-of-step.js';
import type { RunStep } from '../row-table.js';

export const runDropColumns: RunStep<DropColumns> = async ({ columns: names }, table, { database, names: fresh }) => {
  const dropped = namedColumns(table, names, null);
  const columns = table.columns.filter((column) => !dropped.includes(column));
  if (columns.length === 0) {
    const message = 'This would leave no column.';
    throw new ProblemsError([problem(['columns'], 'INVALID_VALUE', message, 'Leave at least one.')]);
  }
  const name = fresh.table();
  const fields = dropped.flatMap(({ field, textField }) => (textField === undefined ? [field] : [field, textField]));
  await database.query(`CREATE TABLE ${name} AS SELECT * EXCLUDE (${fields.join(', ')}) FROM ${table.name}`);
  return { table: { name, columns } };
};
