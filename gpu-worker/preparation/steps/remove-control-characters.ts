import type { RemoveControlCharacters } from '../../../src/protocol/preparation/steps/cleaning.js';
import { textColumnsOf } from '../columns-of-step.js';
import { editTexts } from '../edit-texts.js';
import type { RunStep } from '../row-table.js';
import { removeControlCharacters } from '../text/remove-control-characters.js';

export const runRemoveControlCharacters: RunStep<RemoveControlCharacters> = async ({ columns }, table, tools) => {
  const edited = textColumnsOf(table, columns);
  return edited.length === 0 ? { table } : { table: await editTexts(table, edited, removeControlCharacters, tools) };
};
