import type { NormalizeUnicode } from '../../../src/protocol/preparation/steps/cleaning.js';
import { textColumnsOf } from '../columns-of-step.js';
import { editTexts } from '../edit-texts.js';
import type { RunStep } from '../row-table.js';
import { normalizeUnicode } from '../text/normalize-unicode.js';

export const runNormalizeUnicode: RunStep<NormalizeUnicode> = async ({ columns, form }, table, tools) => {
  const edited = textColumnsOf(table, columns);
  if (edited.length === 0) return { table };
  return { table: await editTexts(table, edited, (text) => normalizeUnicode(text, form), tools) };
};
