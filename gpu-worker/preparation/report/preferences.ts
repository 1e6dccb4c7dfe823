import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { counted, percent } from '../wording.js';
import { trimmed } from './comparable-text.js';
import { createFinding, findRows, showRows } from './finding.js';
import { type ReportedFile, type ReportTools, rowsOf, textOf, withRole } from './reported-file.js';

/** Pairs of answers that are equal, so that neither is preferred. White space around them is not compared. */
export async function findEqualAnswers(tools: ReportTools, file: ReportedFile): Promise<ReportFinding[]> {
  const [chosen] = withRole(file, 'CHOSEN');
  const [rejected] = withRole(file, 'REJECTED');
  if (chosen === undefined || rejected === undefined) return [];
  const found = await findRows(tools, file, `${trimmed(textOf(chosen))} = ${trimmed(textOf(rejected))}`);
  if (found.count === 0) return [];
  const [all] = await tools.database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${rowsOf(file)}`);
  const rows = all?.rows ?? found.count;
  return [
    createFinding({
      code: 'CHOSEN_EQUALS_REJECTED',
      severity: 'ERROR',
      message: `In ${counted(found.count, 'pair')} of ${counted(rows, 'pair')} (${percent(found.count / rows)}) the chosen answer equals the rejected one.`,
      columns: [chosen.name, rejected.name],
      splits: found.splits,
      count: found.count,
      of: rows,
      examples: await showRows(tools, file, chosen, found.rows),
      suggestedStep: null,
    }),
  ];
}
