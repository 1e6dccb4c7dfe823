import { checkCleaningStep } from '../../../src/preparation/checks/cleaning.js';
import type { MapLabels } from '../../../src/protocol/preparation/steps/cleaning.js';
import { beatByCharacters } from '../beat-by-characters.js';
import { namedColumn } from '../columns-of-step.js';
import { refuse } from '../refuse.js';
import type { RunStep, TableColumn } from '../row-table.js';
import { labelMapping } from '../text/map-labels.js';
import { textOfValue } from '../text-of-value.js';

/** Labels that are numbers or flags become texts: what they are mapped to is text. */
export const runMapLabels: RunStep<MapLabels> = async (step, table, { database, names, beat }) => {
  refuse(checkCleaningStep(step));
  const column = namedColumn(table, step.column, ['TEXT', 'TEXT_LIST', 'INTEGER', 'FLOAT', 'BOOLEAN'], ['column']);
  const mapping = labelMapping(step);
  const [name, mapped, field] = [names.table(), names.table(), names.field()];
  const beatBefore = beatByCharacters(beat);
  await database.defineTextFunction(mapped, (label) => {
    beatBefore(label.length);
    return mapping(label);
  });
  // Labels that became the same one stand once in their list.
  const distinct = 'lambda label, place: label IS NOT NULL AND list_position(labels, label) = place';
  const [expression, from] =
    column.type === 'TEXT_LIST'
      ? [
          `list_filter(labels, ${distinct})`,
          `(SELECT *, list_transform(${column.field}, lambda label: ${mapped}(label)) AS labels FROM ${table.name})`,
        ]
      : [`${mapped}(${textOfValue(column)})`, table.name];
  const left = [column.field, ...(column.textField === undefined ? [] : [column.textField])];
  if (column.type === 'TEXT_LIST') left.push('labels');
  await database.query(
    `CREATE TABLE ${name} AS SELECT * EXCLUDE (${left.join(', ')}), ${expression} AS ${field} FROM ${from}`,
  );
  const type = column.type === 'TEXT_LIST' ? 'TEXT_LIST' : 'TEXT';
  const after: TableColumn = { name: column.name, type, field };
  return { table: { name, columns: table.columns.map((each) => (each === column ? after : each)) } };
};
