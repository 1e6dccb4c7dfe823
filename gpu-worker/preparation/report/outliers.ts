import { identifier } from '../../../src/protocol/duckdb-names.js';
import type { ReportedColumn } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding, SuggestedStep } from '../../../src/protocol/preparation/report-finding.js';
import { counted, named, percent } from '../wording.js';
import { isBlank } from './columns.js';
import { createFinding, findRows, showRows } from './finding.js';
import { isList, isNumeric, type ReportedFile, type ReportTools, row, rowsOf, withRole } from './reported-file.js';
import { keepBetween, keepOfLength } from './suggested-steps.js';
import type { TextSurvey } from './text-survey.js';

/**
 * Modified z-scores beyond which a value is unusual (Iglewicz and Hoaglin 1993: 0.6745 (x − median) / MAD; they take
 * 3.5 for normal values). Lengths and numbers of real data have long tails, so that the threshold is greater.
 */
const unusual = { lengths: 5, numbers: 7 } as const;

/** A greater share of all is not unusual: it is a second kind of texts or numbers, which no step should drop. */
export const mostOutliers = 0.05;

/**
 * Lengths from which on a text is far from the median one: so many times as long or as short, and at least so many
 * characters away. Where nearly all texts have the same length, any other one is unusual, and nothing is wrong with it.
 */
const farLength = { times: 3, characters: 30 } as const;

/** Where more than half of the numbers are equal: times their amount, or the span of the usual ones, to one far off. */
const farNumber = 10;

/** Fewer values have no usual ones. */
const leastValues = 30;

/**
 * Texts that are much longer or shorter than the others; lengths are compared by their logarithms. Blank texts are a
 * finding of their own, and not compared.
 */
export async function findLengthOutliers(
  tools: ReportTools,
  file: ReportedFile,
  { table, columns }: TextSurvey,
  measured: readonly ReportedColumn[],
): Promise<ReportFinding[]> {
  const findings: ReportFinding[] = [];
  for (const [i, column] of columns.entries()) {
    tools.beat();
    const hasBlank = measured.some(
      (each) => each.column === column.name && each.missing.some(({ blank }) => blank > 0),
    );
    const isCompared = hasBlank ? `row NOT IN (SELECT ${row} FROM ${rowsOf(file)} WHERE ${isBlank(column)})` : 'true';
    const lengths = `SELECT row, ln(1 + length${i}) AS score, length${i} AS value FROM ${table}
      WHERE length${i} IS NOT NULL AND ${isCompared}`;
    const found = await findUnusual(tools, lengths, {
      threshold: unusual.lengths,
      isFar: ({ median }) =>
        `abs(value - ${median}) >= ${farLength.characters}
         AND (value >= ${farLength.times * median} OR ${farLength.times} * value <= ${median})`,
    });
    if (found === null) continue;
    findings.push(
      createFinding({
        code: 'LENGTH_OUTLIERS',
        severity: 'NOTICE',
        message: `${counted(found.count, 'text')} of ${counted(found.values, 'text')} (${percent(found.count / found.values)}) in the column ${named([column.name])} ${found.count === 1 ? 'has' : 'have'} a length far from the median of ${counted(Math.round(found.median), 'character')}.`,
        columns: [column.name],
        count: found.count,
        of: found.values,
        examples: await showRows(
          tools,
          file,
          column,
          found.rows.map((each) => ({ row: each.row, detail: `${counted(each.value, 'character')}.` })),
        ),
        suggestedStep: column.type === 'VARCHAR' ? keepLengths(column.name, found) : null,
      }),
    );
  }
  return findings;
}

/** Numbers that a model is to predict and that are infinite, not a number or far from all others. */
export async function findNumberOutliers(tools: ReportTools, file: ReportedFile): Promise<ReportFinding[]> {
  const findings: ReportFinding[] = [];
  for (const column of withRole(file, 'NUMBER', 'WEIGHT').filter((each) => !isList(each))) {
    tools.beat();
    const value = `TRY_CAST(${identifier(column.name)} AS DOUBLE)`;
    const notFinite = await findRows(tools, file, `NOT isfinite(${value})`);
    if (notFinite.count > 0) {
      findings.push(
        createFinding({
          code: 'NON_FINITE_NUMBERS',
          severity: 'ERROR',
          message: `${counted(notFinite.count, 'number')} in the column ${named([column.name])} ${notFinite.count === 1 ? 'is' : 'are'} infinite or not a number.`,
          columns: [column.name],
          splits: notFinite.splits,
          count: notFinite.count,
          examples: await showRows(tools, file, column, notFinite.rows),
          suggestedStep: isNumeric(column) ? keepBetween(column.name, -Number.MAX_VALUE, Number.MAX_VALUE) : null,
        }),
      );
    }
    const numbers = `SELECT ${row} AS row, ${value} AS score, ${value} AS value FROM ${rowsOf(file)} WHERE isfinite(${value})`;
    const found = await findUnusual(tools, numbers, {
      threshold: unusual.numbers,
      // Ones among zeros, and one star among fives, are no typing errors.
      isFar({ isSpread, median, least, most }) {
        const span = Math.max(Math.abs(median), most - least);
        if (isSpread) return 'true';
        return span > 0 ? `abs(value - ${double(median)}) / ${farNumber} > ${double(span)}` : 'false';
      },
    });
    if (found === null) continue;
    findings.push(
      createFinding({
        code: 'NUMBER_OUTLIERS',
        severity: 'WARNING',
        message: `${counted(found.count, 'number')} of ${counted(found.values, 'number')} (${percent(found.count / found.values)}) in the column ${named([column.name])} ${found.count === 1 ? 'is' : 'are'} far from the median of ${found.median}.`,
        columns: [column.name],
        count: found.count,
        of: found.values,
        examples: await showRows(
          tools,
          file,
          column,
          found.rows.map((each) => ({ row: each.row, detail: String(each.value) })),
        ),
        suggestedStep: isNumeric(column) ? keepBetween(column.name, found.least, found.most) : null,
      }),
    );
  }
  return findings;
}

/** The bounds of the usual values, and of all. */
interface UsualValues {
  readonly least: number;
  readonly most: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Texts stay that are as long as the usual ones; a side on which none is unusual has no bound. */
function keepLengths(column: string, { least, most, lowest, highest }: UsualValues): SuggestedStep {
  return keepOfLength(column, lowest < least ? least : null, highest > most ? most : null);
}

/** A number of any size as SQL: a parameter that is a whole number would have to fit into 64 bits. */
function double(value: number): string {
  return `'${value}'::DOUBLE`;
}

/** What is usual, and the bounds of what is so by its z-score. */
interface Usual extends UsualValues {
  readonly center: number;
  readonly scale: number;
  readonly median: number;
  readonly values: number;
  readonly isSpread: boolean;
}

/**
 * Values whose modified z-score is beyond a threshold and that are far enough off to matter. Where more than half of
 * the values are equal, the median deviation is 0, and the mean deviation stands in for it, with its own factor
 * (1.253314, as Iglewicz and Hoaglin).
 *
 * @param scored a query (row, score, value): what is compared, and what is shown of it
 * @param isFar an SQL condition on `value`
 * @returns also the least and the most of the usual values; null where none is unusual, or too many are
 */
async function findUnusual(
  { database }: ReportTools,
  scored: string,
  { threshold, isFar }: { readonly threshold: number; readonly isFar: (usual: Usual) => string },
) {
  const [scale] = await database.query<Omit<Usual, keyof UsualValues>>(
    `SELECT center, CASE WHEN mad > 0 THEN mad / 0.6745 ELSE 1.253314 * deviation END AS scale, values, median,
       mad > 0 AS "isSpread"
     FROM (SELECT median(score) AS center, mad(score) AS mad, count(*)::DOUBLE AS values, median(value)::DOUBLE AS median
           FROM (${scored})),
       LATERAL (SELECT avg(abs(score - center)) AS deviation FROM (${scored}))`,
  );
  if (scale === undefined || scale.values < leastValues || !(scale.scale > 0)) return null;
  const distance = `abs(score - ${double(scale.center)})`;
  const bound = double(threshold * scale.scale);
  const usualBy = async (isUsual: string) => {
    const [found] = await database.query<UsualValues>(
      `SELECT min(value) FILTER (${isUsual})::DOUBLE AS least, max(value) FILTER (${isUsual})::DOUBLE AS most,
         min(value)::DOUBLE AS lowest, max(value)::DOUBLE AS highest FROM (${scored})`,
    );
    return found!;
  };
  const byScore = await usualBy(`${distance} <= ${bound}`);
  if (byScore.lowest >= byScore.least && byScore.highest <= byScore.most) return null;
  const isUnusual = `${distance} > ${bound} AND (${isFar({ ...scale, ...byScore })})`;
  const rows = await database.query<{ row: number; value: number; count: number }>(
    `SELECT row::DOUBLE AS row, value::DOUBLE AS value, (count(*) OVER ())::DOUBLE AS count
     FROM (${scored}) WHERE ${isUnusual} ORDER BY ${distance} DESC, row LIMIT 10`,
  );
  const [first] = rows;
  if (first === undefined || first.count / scale.values > mostOutliers) return null;
  return { ...scale, ...(await usualBy(`NOT (${isUnusual})`)), rows, count: first.count };
}
