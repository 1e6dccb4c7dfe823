import type { DatasetReport } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding } from '../../../src/protocol/preparation/report-finding.js';
import { selectCandidates } from './candidates.js';
import { findInColumns, measureColumns } from './columns.js';
import { findInConversations } from './conversations.js';
import { countDuplicates, findConflicts, findCopies, findLeaks } from './duplicates.js';
import { inOrder } from './finding.js';
import { findGiveAwayColumns } from './give-away-columns.js';
import { findInLabels } from './label-findings.js';
import { countLabels, distributeLabels } from './labels.js';
import { measureCharacters } from './lengths.js';
import { findLengthOutliers, findNumberOutliers } from './outliers.js';
import { findEqualAnswers } from './preferences.js';
import { learntSplit, type ReportedFile, type ReportTools, rowsOf, split } from './reported-file.js';
import { openScratchTables } from './scratch-tables.js';

export interface ReportOptions {
  /** Classes with fewer examples in the learnt split are a finding. */
  readonly fewExamples: number;
}

/** What is known of a version's file. Texts are read by the database, chunk by chunk, and never held all at once. */
export async function reportDataset(
  tools: ReportTools,
  file: ReportedFile,
  { fewExamples }: ReportOptions,
): Promise<DatasetReport> {
  await using scratch = openScratchTables(tools.database);
  const splits = await tools.database.query<{ split: string; rows: number }>(
    `SELECT ${split} AS split, count(*)::DOUBLE AS rows FROM ${rowsOf(file)} GROUP BY split ORDER BY split`,
  );
  const rows = splits.reduce((sum, each) => sum + each.rows, 0);
  const learnt = learntSplit(splits);
  const columns = await measureColumns(tools, file);
  const report: DatasetReport = {
    rows,
    readRows: 0,
    splits,
    columns,
    labels: [],
    lengths: await measureCharacters(tools, file),
    vocabulary: null,
    duplicates: [],
    personalData: [],
    languages: [],
    findings: [],
  };
  if (learnt === null) return report;
  const findings: ReportFinding[] = [
    ...(await findInColumns(tools, file, columns)),
    ...(await findGiveAwayColumns(tools, file, columns, learnt)),
    ...(await findLengthOutliers(tools, file)),
    ...(await findNumberOutliers(tools, file)),
    ...(await findInConversations(tools, scratch, file)),
    ...(await findEqualAnswers(tools, file)),
  ];
  for (const table of await countLabels(tools, scratch, file)) {
    const distributions = await distributeLabels(tools, table);
    report.labels.push(...distributions);
    findings.push(...(await findInLabels(tools, file, table, distributions, { learnt, fewExamples })));
  }
  const candidates = await selectCandidates(scratch, file);
  if (candidates !== null) {
    report.duplicates.push(...(await countDuplicates(tools, candidates, splits)));
    findings.push(...(await findCopies(tools, file, candidates, splits)));
    findings.push(...(await findLeaks(tools, file, candidates, splits, learnt)));
    findings.push(...(await findConflicts(tools, file, candidates, rows)));
  }
  return { ...report, findings: inOrder(findings) };
}
