import type { PreparationStep } from '../../../src/protocol/preparation/recipe.js';
import type { RowTable, StepOutcome, StepTools } from '../row-table.js';
import { runCollapseWhiteSpace } from './collapse-white-space.js';
import { runDropColumns } from './drop-columns.js';
import { runDropDuplicates } from './drop-duplicates.js';
import { runResolveLabelConflicts } from './resolve-label-conflicts.js';

/** Does a step of any kind. Errors: ProblemsError, whose paths begin inside the step; RunStopped. */
export function runStep(step: PreparationStep, table: RowTable, tools: StepTools): Promise<StepOutcome> {
  switch (step.kind) {
    case 'collapseWhiteSpace':
      return runCollapseWhiteSpace(step, table, tools);
    case 'dropColumns':
      return runDropColumns(step, table, tools);
    case 'dropDuplicates':
      return runDropDuplicates(step, table, tools);
    case 'resolveLabelConflicts':
      return runResolveLabelConflicts(step, table, tools);
    default:
      return step satisfies never;
  }
}
