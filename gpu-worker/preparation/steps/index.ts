import type { PreparationStep } from '../../../src/protocol/preparation/recipe.js';
import type { RowTable, StepOutcome, StepTools } from '../row-table.js';
import { runCollapseWhiteSpace } from './collapse-white-space.js';
import { runDropColumns } from './drop-columns.js';

/** Does a step of any kind. Errors: ProblemsError, whose paths begin inside the step; RunStopped. */
export function runStep(step: PreparationStep, table: RowTable, tools: StepTools): Promise<StepOutcome> {
  switch (step.kind) {
    case 'collapseWhiteSpace':
      return runCollapseWhiteSpace(step, table, tools);
    case 'dropColumns':
      return runDropColumns(step, table, tools);
    default:
      return step satisfies never;
  }
}
