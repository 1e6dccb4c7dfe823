import type { MaskPersonalData } from '../../../src/protocol/preparation/steps/personal-data.js';
import { textColumnsOf } from '../columns-of-step.js';
import { editTexts } from '../edit-texts.js';
import { createMask } from '../personal-data/mask.js';
import { refusePhoneRegions } from '../personal-data/refuse-phone-regions.js';
import { createScan } from '../personal-data/scan.js';
import type { RunStep } from '../row-table.js';

/**
 * Masks personal data in texts, in the items of lists of texts and in the contents of messages.
 * @throws ProblemsError INVALID_VALUE for a region without telephone numbers; those of `namedColumns`
 */
export const runMaskPersonalData: RunStep<MaskPersonalData> = async (step, table, tools) => {
  refusePhoneRegions(step.phoneRegions, ['phoneRegions']);
  const columns = textColumnsOf(table, step.columns);
  if (columns.length === 0) return { table };
  return { table: await editTexts(table, columns, createMask(createScan(step), step.mask, step.seed), tools) };
};
