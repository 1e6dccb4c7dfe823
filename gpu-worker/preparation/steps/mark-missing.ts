import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { MarkMissing } from '../../../src/protocol/preparation/steps/gaps.js';
import { namedColumn } from '../columns-of-step.js';
import { isMissing } from '../missing-values.js';
import type { RunStep } from '../row-table.js';

export const runMarkMissing: RunStep<MarkMissing> = async (step, table, { database, names }) => {
  const column = namedColumn(table, step.column, null, ['column']);
  if (step.as.trim() === '') {
    throw new ProblemsError([problem(['as'], 'INVALID_COLUMN_NAME', 'The new column has no name.')]);
  }
  if (table.columns.some(({ name }) => name === step.as)) {
    const message = `There is a column “${step.as}” already.`;
    throw new ProblemsError([problem(['as'], 'INVALID_COLUMN_NAME', message, 'Give another name.')]);
  }
  const [name, field] = [names.table(), names.field()];
  await database.query(
    `CREATE TABLE ${name} AS SELECT *, ${isMissing(column, step.blankIsMissing)} AS ${field} FROM ${table.name}`,
  );
  return { table: { name, columns: [...table.columns, { name: step.as, type: 'BOOLEAN', field }] } };
};
