import { checkCleaningStep } from '../../../src/preparation/checks/cleaning.js';
import type { ChangeCase } from '../../../src/protocol/preparation/steps/cleaning.js';
import { textColumnsOf } from '../columns-of-step.js';
import { editTexts } from '../edit-texts.js';
import { refuse } from '../refuse.js';
import type { RunStep } from '../row-table.js';
import { changeCase } from '../text/change-case.js';

export const runChangeCase: RunStep<ChangeCase> = async (step, table, tools) => {
  refuse(checkCleaningStep(step));
  const edited = textColumnsOf(table, step.columns);
  if (edited.length === 0) return { table };
  const { to, language } = step;
  return { table: await editTexts(table, edited, (text) => changeCase(text, to, language), tools) };
};
