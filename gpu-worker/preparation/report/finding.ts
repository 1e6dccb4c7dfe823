import { explanations } from '../../../src/protocol/preparation/finding-explanations.js';
import type {
  FindingExample,
  FindingSeverity,
  ReportFinding,
  ReportFindingCode,
  SuggestedStep,
} from '../../../src/protocol/preparation/report-finding.js';
import { storableText } from '../../../src/protocol/storable-text.js';
import { excerptOf } from '../wording.js';
import { type FileColumn, type ReportedFile, type ReportTools, row, rowsOf, split, textOf } from './reported-file.js';
import { stepsInOrder } from './step-order.js';

export const shownExamples = 10;

/** @param of how many things were looked at; null where `count` is a share of nothing */
export function createFinding(found: {
  readonly code: ReportFindingCode;
  readonly severity: FindingSeverity;
  readonly message: string;
  readonly columns?: readonly string[];
  readonly splits?: readonly string[];
  readonly count: number;
  readonly of?: number | null;
  readonly examples?: readonly FindingExample[];
  readonly suggestedStep?: SuggestedStep | null;
}): ReportFinding {
  const { code, severity, count, of = null } = found;
  return {
    code,
    severity,
    message: storableText(found.message),
    explanation: explanations[code],
    columns: [...(found.columns ?? [])],
    splits: [...(found.splits ?? [])],
    count,
    share: of === null || of === 0 ? null : Math.min(1, count / of),
    examples: (found.examples ?? []).slice(0, shownExamples),
    suggestedStep: found.suggestedStep ?? null,
  };
}

const ranks: Readonly<Record<FindingSeverity, number>> = { ERROR: 0, WARNING: 1, NOTICE: 2 };

/** A version may have 10,000 columns with the same fault: these are kept, the first ones. */
export const mostOfOneCode = 100;

/**
 * The worst first; of one severity, those that mean the most of what was looked at. A finding whose step has to be
 * applied before that of another one comes before it.
 */
export function inOrder(findings: readonly ReportFinding[]): ReportFinding[] {
  const counts = new Map<string, number>();
  const kept = findings.filter(({ code }) => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    return count <= mostOfOneCode;
  });
  return stepsInOrder(kept.sort((a, b) => ranks[a.severity] - ranks[b.severity] || (b.share ?? 0) - (a.share ?? 0)));
}

/** Rows as examples, with the beginning of what they hold in a column. */
export async function showRows(
  { database }: ReportTools,
  file: ReportedFile,
  column: FileColumn,
  rows: readonly { readonly row: number; readonly otherRow?: number | null; readonly detail?: string | null }[],
): Promise<FindingExample[]> {
  const shown = rows.slice(0, shownExamples);
  if (shown.length === 0) return [];
  const texts = await database.query<{ row: number; text: string | null }>(
    `SELECT ${row}::DOUBLE AS row, left(${textOf(column)}, 400) AS text FROM ${rowsOf(file)}
     WHERE ${row} IN (${shown.map((each) => BigInt(each.row)).join(', ')})`,
  );
  const textOfRow = new Map(texts.map((each) => [each.row, each.text]));
  return shown.map(({ row: number, otherRow = null, detail = null }) => ({
    row: number,
    otherRow,
    excerpt: excerptOf(textOfRow.get(number) ?? ''),
    detail: detail === null ? null : excerptOf(detail),
  }));
}

/** How many rows satisfy a condition, by split, and the first of them. */
export async function findRows(
  { database }: ReportTools,
  file: ReportedFile,
  condition: string,
): Promise<{ readonly count: number; readonly splits: readonly string[]; readonly rows: readonly { row: number }[] }> {
  const found = await database.query<{ split: string; count: number; first: string }>(
    `SELECT split, count(*)::DOUBLE AS count, to_json(min(number, ${shownExamples}))::VARCHAR AS first
     FROM (SELECT ${row} AS number, ${split} AS split FROM ${rowsOf(file)} WHERE ${condition})
     GROUP BY split ORDER BY split`,
  );
  return {
    count: found.reduce((sum, each) => sum + each.count, 0),
    splits: found.map((each) => each.split),
    rows: firstRows(found.flatMap((each) => JSON.parse(each.first) as number[])),
  };
}

/** The first of the rows that are shown. */
function firstRows(numbers: readonly number[]): { row: number }[] {
  return [...numbers]
    .sort((a, b) => a - b)
    .slice(0, shownExamples)
    .map((number) => ({ row: number }));
}
