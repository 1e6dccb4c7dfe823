import { isListType } from '../../src/protocol/datasets/column-type.js';
import { beatByCharacters } from './beat-by-characters.js';
import { editJsonTexts } from './edit-json-texts.js';
import type { RowTable, StepTools, TableColumn } from './row-table.js';

/**
 * The table with texts changed: those of columns of texts, the items of lists of texts, and the contents of messages in
 * columns of JSON. Missing texts stay missing.
 * @param change must be a function of the text alone
 */
export async function editTexts(
  table: RowTable,
  columns: readonly TableColumn[],
  change: (text: string) => string,
  { database, names, beat }: StepTools,
): Promise<RowTable> {
  const onTexts = names.table();
  const onJson = names.table();
  const beatBefore = beatByCharacters(beat);
  const changed = (text: string): string => {
    beatBefore(text.length);
    return change(text);
  };
  await database.defineTextFunction(onTexts, changed);
  await database.defineTextFunction(onJson, (json) => editJsonTexts(json, changed));
  const replaced = columns.map(({ field, type }) => `${expressionOf(field, type, onTexts, onJson)} AS ${field}`);
  const name = names.table();
  await database.query(`CREATE TABLE ${name} AS SELECT * REPLACE (${replaced.join(', ')}) FROM ${table.name}`);
  return { ...table, name };
}

function expressionOf(field: string, type: TableColumn['type'], onTexts: string, onJson: string): string {
  if (type === 'JSON') return `CAST(${onJson}(CAST(${field} AS VARCHAR)) AS JSON)`;
  return isListType(type) ? `list_transform(${field}, lambda text: ${onTexts}(text))` : `${onTexts}(${field})`;
}
