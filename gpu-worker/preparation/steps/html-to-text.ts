import type { HtmlToText } from '../../../src/protocol/preparation/steps/cleaning.js';
import { textColumnsOf } from '../columns-of-step.js';
import { editTexts } from '../edit-texts.js';
import type { RunStep } from '../row-table.js';
import { htmlToText } from '../text/html-to-text.js';

export const runHtmlToText: RunStep<HtmlToText> = async ({ columns }, table, tools) => {
  const edited = textColumnsOf(table, columns);
  return edited.length === 0 ? { table } : { table: await editTexts(table, edited, htmlToText, tools) };
};
