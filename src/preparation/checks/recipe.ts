import type { InputProblem } from '../../problems/problem.js';
import type { PreparationStep, Recipe } from '../../protocol/preparation/recipe.js';
import { checkCleaningStep } from './cleaning.js';
import { checkFilterStep } from './filters.js';
import type { StepColumn } from './named-columns.js';
import { checkSplitStep } from './splits.js';
import { checkStepColumns, columnsAfter } from './step-columns.js';

/**
 * What is wrong with a recipe, without looking at rows: with each step by itself, and, as far as the columns are known,
 * with those that it names. After a step with a wrong column those of the next ones are not known.
 * @param columns of the rows that it is for; null: not known yet
 */
export function checkRecipe(recipe: Recipe, columns: readonly StepColumn[] | null): InputProblem[] {
  let known = columns;
  return recipe.flatMap((step, i) => {
    const own = checkStep(step);
    const found = own.length > 0 || known === null ? own : checkStepColumns(step, known);
    known = found.length > 0 || known === null ? null : columnsAfter(step, known);
    return found.map((each) => ({ ...each, path: ['recipe', String(i), step.kind, ...each.path] }));
  });
}

/** What is wrong with a step, whatever the rows are. */
function checkStep(step: PreparationStep): InputProblem[] {
  switch (step.kind) {
    case 'normalizeUnicode':
    case 'removeControlCharacters':
    case 'repairMojibake':
    case 'htmlToText':
    case 'changeCase':
    case 'replacePattern':
    case 'mapLabels':
    case 'renameColumns':
    case 'mergeColumns':
      return checkCleaningStep(step);
    case 'filterRows':
    case 'filterLength':
    case 'filterLanguage':
    case 'sampleRows':
      return checkFilterStep(step);
    case 'drawSplits':
    case 'splitByTime':
    case 'splitFromColumn':
    case 'renameSplits':
    case 'keepSplits':
    case 'assignFolds':
      return checkSplitStep(step);
    default:
      return [];
  }
}
