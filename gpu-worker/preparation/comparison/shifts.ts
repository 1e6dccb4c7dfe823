import { identifier } from '../../../src/protocol/duckdb-names.js';
import type { LabelShift, LengthShift } from '../../../src/protocol/preparation/comparison.js';
import {
  classColumns,
  contentColumns,
  type FileColumn,
  labelsOf,
  type ReportedFile,
  type ReportTools,
  rowsOf,
  textOf,
} from '../report/reported-file.js';
import { testChiSquared, testKolmogorovSmirnov, type ValueCounts } from './distribution-tests.js';

const listedLabels = 100;

type LabelCounts = LabelShift['counts'][number];

/** Columns of the same name that are for the same in both versions. */
function columnsOfBoth(before: ReportedFile, after: ReportedFile, choose: (file: ReportedFile) => FileColumn[]) {
  return choose(before).flatMap((own) => {
    const other = choose(after).find(({ name }) => name === own.name);
    return other === undefined ? [] : [{ own, other }];
  });
}

/** How labels are distributed before and after. */
export async function compareLabels(
  { database, beat }: ReportTools,
  before: ReportedFile,
  after: ReportedFile,
): Promise<LabelShift[]> {
  const shifts: LabelShift[] = [];
  for (const { own, other } of columnsOfBoth(before, after, classColumns)) {
    beat();
    const counts = await database.query<LabelCounts>(
      `SELECT label, count(*) FILTER (side = 0)::DOUBLE AS before, count(*) FILTER (side = 1)::DOUBLE AS after
       FROM (SELECT 0 AS side, label FROM (${labelsOf(before, own)})
         UNION ALL SELECT 1, label FROM (${labelsOf(after, other)}))
       GROUP BY label ORDER BY label`,
    );
    const all = Math.max(1, sumOf(counts, 'before'));
    const allAfter = Math.max(1, sumOf(counts, 'after'));
    const difference = (each: LabelCounts) => Math.abs(each.before / all - each.after / allAfter);
    shifts.push({
      column: own.name,
      added: labelsOfOne(counts, 'after', 'before'),
      removed: labelsOfOne(counts, 'before', 'after'),
      counts: counts
        .toSorted((a, b) => difference(b) - difference(a) || (a.label < b.label ? -1 : 1))
        .slice(0, listedLabels),
      test: testChiSquared([counts.map((each) => each.before), counts.map((each) => each.after)]),
    });
  }
  return shifts;
}

type Side = 'before' | 'after';

function sumOf(counts: readonly LabelCounts[], side: Side): number {
  return counts.reduce((sum, each) => sum + each[side], 0);
}

/** Labels that one version alone has, the most frequent ones first. */
function labelsOfOne(counts: readonly LabelCounts[], side: Side, elsewhere: Side): string[] {
  return counts
    .filter((each) => each[elsewhere] === 0)
    .sort((a, b) => b[side] - a[side] || (a.label < b.label ? -1 : 1))
    .slice(0, listedLabels)
    .map(({ label }) => label);
}

/** How long texts are before and after, in characters. */
export async function compareLengths(
  { database, beat }: ReportTools,
  before: ReportedFile,
  after: ReportedFile,
): Promise<LengthShift[]> {
  const shifts: LengthShift[] = [];
  for (const { own, other } of columnsOfBoth(before, after, contentColumns)) {
    beat();
    const lengths = (side: number, file: ReportedFile, column: FileColumn) =>
      `SELECT ${side} AS side, length(${textOf(column)}) AS value FROM ${rowsOf(file)}
       WHERE ${identifier(column.name)} IS NOT NULL`;
    const counts = await database.query<ValueCounts>(
      `SELECT value::DOUBLE AS value, count(*) FILTER (side = 0)::DOUBLE AS one, count(*) FILTER (side = 1)::DOUBLE AS two
       FROM (${lengths(0, before, own)} UNION ALL ${lengths(1, after, other)}) GROUP BY 1 ORDER BY 1`,
    );
    const test = testKolmogorovSmirnov(counts);
    if (test === null) continue;
    shifts.push({ column: own.name, before: summarize(counts, 'one'), after: summarize(counts, 'two'), test });
  }
  return shifts;
}

function summarize(counts: readonly ValueCounts[], side: 'one' | 'two') {
  const texts = counts.reduce((sum, each) => sum + each[side], 0);
  const mean = counts.reduce((sum, each) => sum + each[side] * each.value, 0) / texts;
  const at = (position: number): number => {
    let passed = 0;
    for (const each of counts) {
      passed += each[side];
      if (passed > position) return each.value;
    }
    return 0;
  };
  return { texts, mean, median: (at(Math.floor((texts - 1) / 2)) + at(Math.floor(texts / 2))) / 2 };
}
