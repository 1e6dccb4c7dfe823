import type { RepairMojibake } from '../../../src/protocol/preparation/steps/cleaning.js';
import { textColumnsOf } from '../columns-of-step.js';
import { editTexts } from '../edit-texts.js';
import type { RunStep } from '../row-table.js';
import { repairMojibake } from '../text/repair-mojibake.js';

export const runRepairMojibake: RunStep<RepairMojibake> = async ({ columns }, table, tools) => {
  const edited = textColumnsOf(table, columns);
  return edited.length === 0 ? { table } : { table: await editTexts(table, edited, repairMojibake, tools) };
};
