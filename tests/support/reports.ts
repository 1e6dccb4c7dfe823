import { type ReportParts, reportDataset } from '../../gpu-worker/preparation/report/report-dataset.js';
import type { AssignedRoles } from '../../src/protocol/preparation/assigned-roles.js';
import type { ColumnRole } from '../../src/protocol/preparation/column-role.js';
import { DatasetReport } from '../../src/protocol/preparation/report.js';
import { openReportRoom, type PlainRow } from './report-file.js';

export const textAndLabel: Readonly<Record<string, ColumnRole>> = { text: 'TEXT', label: 'LABEL' };

const nothingBeside = {
  model: null,
  scanPersonalData: null,
  detectLanguage: null,
  encoder: null,
  near: null,
};
const options = { fewExamples: 2, readRows: 10_000, encodedRows: 1000, seed: 1 };

export async function reportOf(
  types: Readonly<Record<string, string>>,
  roles: Readonly<Record<string, ColumnRole>>,
  rows: readonly PlainRow[],
  beside: Partial<ReportParts> = {},
  fewExamples = options.fewExamples,
) {
  await using room = await openReportRoom();
  const file = await room.write(types, roles, rows);
  return DatasetReport.parse(
    await reportDataset(room.tools, file, { ...nothingBeside, ...beside }, { ...options, fewExamples }),
  );
}

/** The same of a version whose columns have the roles that are guessed, but for those that somebody gave. */
export async function reportGuessed(
  types: Readonly<Record<string, string>>,
  rows: readonly PlainRow[],
  said: AssignedRoles = [],
  beside: Partial<ReportParts> = {},
) {
  await using room = await openReportRoom();
  const file = await room.writeGuessed(types, rows, said);
  return DatasetReport.parse(await reportDataset(room.tools, file, { ...nothingBeside, ...beside }, options));
}

export const reportTexts = (rows: readonly PlainRow[]) =>
  reportOf({ text: 'VARCHAR', label: 'VARCHAR' }, textAndLabel, rows);
