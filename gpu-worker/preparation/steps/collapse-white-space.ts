import type { CollapseWhiteSpace } from '../../../src/protocol/preparation/steps/white-space.js';
import { textColumnsOf } from '../columns-of-step.js';
import { editTexts } from '../edit-texts.js';
import type { RunStep } from '../row-table.js';
import { collapseWhiteSpace } from '../text/collapse-white-space.js';

export const runCollapseWhiteSpace: RunStep<CollapseWhiteSpace> = async (step, table, tools) => {
  const columns = textColumnsOf(table, step.columns);
  if (columns.length === 0) return { table };
  const { keepLineBreaks, trim } = step;
  return {
    table: await editTexts(table, columns, (text) => collapseWhiteSpace(text, { keepLineBreaks, trim }), tools),
  };
};
