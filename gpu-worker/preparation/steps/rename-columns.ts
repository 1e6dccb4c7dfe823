import { checkCleaningStep } from '../../../src/preparation/checks/cleaning.js';
import { checkNewColumnName } from '../../../src/preparation/checks/new-column-name.js';
import type { RenameColumns } from '../../../src/protocol/preparation/steps/cleaning.js';
import { namedColumn } from '../columns-of-step.js';
import { refuse } from '../refuse.js';
import type { RunStep } from '../row-table.js';

/** All columns get their names at once: two of them may change theirs. */
export const runRenameColumns: RunStep<RenameColumns> = async (step, table) => {
  refuse(checkCleaningStep(step));
  const { names } = step;
  for (const [index, { from }] of names.entries()) namedColumn(table, from, null, ['names', String(index), 'from']);
  const kept = table.columns.map(({ name }) => name).filter((name) => !names.some(({ from }) => from === name));
  refuse(names.flatMap(({ to }, index) => checkNewColumnName(to, kept, ['names', String(index), 'to'])));
  const columns = table.columns.map((column) => ({
    ...column,
    name: names.find(({ from }) => from === column.name)?.to ?? column.name,
  }));
  return { table: { ...table, columns } };
};
