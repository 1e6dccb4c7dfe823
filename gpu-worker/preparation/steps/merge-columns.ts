import { checkCleaningStep } from '../../../src/preparation/checks/cleaning.js';
import { checkNewColumnName } from '../../../src/preparation/checks/new-column-name.js';
import { readTemplate } from '../../../src/preparation/merge-template.js';
import type { MergeColumns } from '../../../src/protocol/preparation/steps/cleaning.js';
import { namedColumns } from '../columns-of-step.js';
import { refuse } from '../refuse.js';
import type { RunStep, TableColumn } from '../row-table.js';
import { textOfValue } from '../text-of-value.js';

export const runMergeColumns: RunStep<MergeColumns> = async (step, table, { database, names }) => {
  refuse(checkCleaningStep(step));
  const merged = namedColumns(table, step.columns, null);
  const kept = step.dropMerged ? table.columns.filter((column) => !merged.includes(column)) : table.columns;
  refuse(
    checkNewColumnName(
      step.as,
      kept.map(({ name }) => name),
      ['as'],
    ),
  );
  const { sql, parameters } = mergedText(step, merged);
  const [name, field] = [names.table(), names.field()];
  const isMissing = merged.map((column) => `${column.field} IS NULL`).join(' AND ');
  const left = merged.flatMap((each) => (each.textField === undefined ? [each.field] : [each.field, each.textField]));
  await database.query(
    `CREATE TABLE ${name} AS
     SELECT *${step.dropMerged ? ` EXCLUDE (${left.join(', ')})` : ''},
       CASE WHEN ${isMissing} THEN NULL ELSE ${sql} END AS ${field} FROM ${table.name}`,
    parameters,
  );
  const column: TableColumn = { name: step.as, type: 'TEXT', field };
  if (!step.dropMerged) return { table: { name, columns: [...kept, column] }, found: [column] };
  // The new column stands where the first of the merged ones stood.
  const place = table.columns.findIndex((each) => merged.includes(each));
  return { table: { name, columns: [...kept.slice(0, place), column, ...kept.slice(place)] }, found: [column] };
};

/** The text of a row in SQL. What the user wrote is bound. */
function mergedText({ separator, template }: MergeColumns, merged: readonly TableColumn[]) {
  if (separator !== null) {
    return { sql: `concat_ws($separator, ${merged.map(textOfValue).join(', ')})`, parameters: { separator } };
  }
  const parameters: Record<string, string> = {};
  const parts = readTemplate(template!)!.map((piece, index) => {
    if ('column' in piece) return textOfValue(merged.find(({ name }) => name === piece.column)!);
    parameters[`piece${index}`] = piece.text;
    return `$piece${index}`;
  });
  // concat reads missing values as empty texts.
  return { sql: `concat(${parts.join(', ')})`, parameters };
}
