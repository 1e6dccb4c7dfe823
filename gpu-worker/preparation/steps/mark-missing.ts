import { checkNewColumnName } from '../../../src/preparation/checks/new-column-name.js';
import type { MarkMissing } from '../../../src/protocol/preparation/steps/gaps.js';
import { namedColumn } from '../columns-of-step.js';
import { isMissing } from '../missing-values.js';
import { refuse } from '../refuse.js';
import type { RunStep, TableColumn } from '../row-table.js';

export const runMarkMissing: RunStep<MarkMissing> = async (step, table, { database, names }) => {
  const column = namedColumn(table, step.column, null, ['column']);
  const taken = table.columns.map(({ name }) => name);
  refuse(checkNewColumnName(step.as, taken, ['as']));
  const [name, field] = [names.table(), names.field()];
  await database.query(
    `CREATE TABLE ${name} AS SELECT *, ${isMissing(column, step.blankIsMissing)} AS ${field} FROM ${table.name}`,
  );
  const mark: TableColumn = { name: step.as, type: 'BOOLEAN', field };
  return { table: { name, columns: [...table.columns, mark] }, found: [mark] };
};
