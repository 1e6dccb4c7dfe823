import { checkCleaningStep } from '../../../src/preparation/checks/cleaning.js';
import { isProblem, readPattern } from '../../../src/preparation/linear-pattern.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { ReplacePattern } from '../../../src/protocol/preparation/steps/cleaning.js';
import { textColumnsOf } from '../columns-of-step.js';
import { editTexts } from '../edit-texts.js';
import { refuse } from '../refuse.js';
import type { RunStep } from '../row-table.js';
import { replacePattern } from '../text/replace-pattern.js';

export const runReplacePattern: RunStep<ReplacePattern> = async (step, table, tools) => {
  refuse(checkCleaningStep(step));
  const pattern = readPattern(step.pattern, step.ignoreCase, ['pattern']);
  if (isProblem(pattern)) throw new ProblemsError([pattern]);
  const edited = textColumnsOf(table, step.columns);
  if (edited.length === 0) return { table };
  return { table: await editTexts(table, edited, replacePattern(pattern, step.replacement, step), tools) };
};
