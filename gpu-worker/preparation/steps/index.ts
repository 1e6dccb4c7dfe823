import type { PreparationStep } from '../../../src/protocol/preparation/recipe.js';
import type { RowTable, StepOutcome, StepTools } from '../row-table.js';
import { runAssignFolds } from './assign-folds.js';
import { runCollapseWhiteSpace } from './collapse-white-space.js';
import { runDrawSplits } from './draw-splits.js';
import { runDropColumns } from './drop-columns.js';
import { runDropDuplicates } from './drop-duplicates.js';
import { runDropMissing } from './drop-missing.js';
import { runFillMissing } from './fill-missing.js';
import { runKeepSplits } from './keep-splits.js';
import { runMarkMissing } from './mark-missing.js';
import { runRenameSplits } from './rename-splits.js';
import { runResolveLabelConflicts } from './resolve-label-conflicts.js';
import { runSplitByTime } from './split-by-time.js';
import { runSplitFromColumn } from './split-from-column.js';

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
    case 'assignFolds':
      return runAssignFolds(step, table, tools);
    case 'drawSplits':
      return runDrawSplits(step, table, tools);
    case 'dropMissing':
      return runDropMissing(step, table, tools);
    case 'fillMissing':
      return runFillMissing(step, table, tools);
    case 'keepSplits':
      return runKeepSplits(step, table, tools);
    case 'markMissing':
      return runMarkMissing(step, table, tools);
    case 'renameSplits':
      return runRenameSplits(step, table, tools);
    case 'splitByTime':
      return runSplitByTime(step, table, tools);
    case 'splitFromColumn':
      return runSplitFromColumn(step, table, tools);
    default:
      return step satisfies never;
  }
}
