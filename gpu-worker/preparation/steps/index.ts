import type { PreparationStep } from '../../../src/protocol/preparation/recipe.js';
import type { RowTable, StepOutcome, StepTools } from '../row-table.js';
import { runAddFromTemplates } from './add-from-templates.js';
import { runAssignFolds } from './assign-folds.js';
import { runAugmentText } from './augment-text.js';
import { runBalanceLabels } from './balance-labels.js';
import { runCastColumn } from './cast-column.js';
import { runChangeCase } from './change-case.js';
import { runCollapseWhiteSpace } from './collapse-white-space.js';
import { runDrawSplits } from './draw-splits.js';
import { runDropColumns } from './drop-columns.js';
import { runDropDuplicates } from './drop-duplicates.js';
import { runDropMissing } from './drop-missing.js';
import { runFillMissing } from './fill-missing.js';
import { runFilterLanguage } from './filter-language.js';
import { runFilterLength } from './filter-length.js';
import { runFilterRows } from './filter-rows.js';
import { runHtmlToText } from './html-to-text.js';
import { runKeepSplits } from './keep-splits.js';
import { runMapLabels } from './map-labels.js';
import { runMarkMissing } from './mark-missing.js';
import { runMaskPersonalData } from './mask-personal-data.js';
import { runMergeColumns } from './merge-columns.js';
import { runNormalizeUnicode } from './normalize-unicode.js';
import { runRemoveControlCharacters } from './remove-control-characters.js';
import { runRenameColumns } from './rename-columns.js';
import { runRenameSplits } from './rename-splits.js';
import { runRepairMojibake } from './repair-mojibake.js';
import { runReplacePattern } from './replace-pattern.js';
import { runResolveLabelConflicts } from './resolve-label-conflicts.js';
import { runSampleRows } from './sample-rows.js';
import { runSplitByTime } from './split-by-time.js';
import { runSplitFromColumn } from './split-from-column.js';

/** Does a step of any kind. Errors: ProblemsError, whose paths begin inside the step; RunStopped. */
export function runStep(step: PreparationStep, table: RowTable, tools: StepTools): Promise<StepOutcome> {
  switch (step.kind) {
    case 'collapseWhiteSpace':
      return runCollapseWhiteSpace(step, table, tools);
    case 'dropColumns':
      return runDropColumns(step, table, tools);
    case 'castColumn':
      return runCastColumn(step, table, tools);
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
    case 'normalizeUnicode':
      return runNormalizeUnicode(step, table, tools);
    case 'removeControlCharacters':
      return runRemoveControlCharacters(step, table, tools);
    case 'repairMojibake':
      return runRepairMojibake(step, table, tools);
    case 'htmlToText':
      return runHtmlToText(step, table, tools);
    case 'changeCase':
      return runChangeCase(step, table, tools);
    case 'replacePattern':
      return runReplacePattern(step, table, tools);
    case 'mapLabels':
      return runMapLabels(step, table, tools);
    case 'renameColumns':
      return runRenameColumns(step, table, tools);
    case 'mergeColumns':
      return runMergeColumns(step, table, tools);
    case 'filterRows':
      return runFilterRows(step, table, tools);
    case 'filterLength':
      return runFilterLength(step, table, tools);
    case 'filterLanguage':
      return runFilterLanguage(step, table, tools);
    case 'sampleRows':
      return runSampleRows(step, table, tools);
    case 'maskPersonalData':
      return runMaskPersonalData(step, table, tools);
    case 'augmentText':
      return runAugmentText(step, table, tools);
    case 'addFromTemplates':
      return runAddFromTemplates(step, table, tools);
    case 'balanceLabels':
      return runBalanceLabels(step, table, tools);
    default:
      return step satisfies never;
  }
}
