import { identifier } from '../../../src/protocol/duckdb-names.js';
import type { ReportedColumn } from '../../../src/protocol/preparation/report.js';
import type { ReportFinding, SuggestedStep } from '../../../src/protocol/preparation/report-finding.js';
import { counted, named, percent } from '../wording.js';
import { createFinding, findRows, mostOfOneCode, showRows } from './finding.js';
import {
  contentColumns,
  type FileColumn,
  hasNoUse,
  isList,
  mayBeDropped,
  type ReportedFile,
  type ReportTools,
  rowsOf,
  split,
  textOf,
  withRole,
} from './reported-file.js';
import { dropColumns, dropMissing, mostDropped } from './suggested-steps.js';

/** Columns in a statement: a version may have 10,000. */
const columnsAtOnce = 200;

/** Fewer values than this say nothing about whether a column has different ones. */
const leastValues = 20;

/** Counts what is missing, and estimates how many values are different, in one pass for each 200 columns. */
export async function measureColumns(tools: ReportTools, file: ReportedFile): Promise<ReportedColumn[]> {
  const measured: ReportedColumn[] = [];
  for (let first = 0; first < file.columns.length; first += columnsAtOnce) {
    tools.beat();
    const columns = file.columns.slice(first, first + columnsAtOnce);
    const measures = columns.flatMap((column, i) => [
      `count(*) FILTER (${identifier(column.name)} IS NULL)::DOUBLE AS missing${i}`,
      `${isText(column) ? `count(*) FILTER (${isBlank(column)})` : '0'}::DOUBLE AS blank${i}`,
    ]);
    const bySplit = await tools.database.query<{ split: string; rows: number } & Record<string, number>>(
      `SELECT ${split} AS split, count(*)::DOUBLE AS rows, ${measures.join(', ')} FROM ${rowsOf(file)}
       GROUP BY 1 ORDER BY 1`,
    );
    const [distinct = {}] = await tools.database.query<Record<string, number>>(
      `SELECT ${columns.map((column, i) => `approx_count_distinct(${comparedValue(column)})::DOUBLE AS d${i}`).join(', ')}
       FROM ${rowsOf(file)}`,
    );
    for (const [i, { name, role }] of columns.entries()) {
      measured.push({
        column: name,
        role,
        distinctValues: distinct[`d${i}`] ?? 0,
        missing: bySplit.map((each) => ({
          split: each.split,
          rows: each.rows,
          missing: each[`missing${i}`] ?? 0,
          blank: each[`blank${i}`] ?? 0,
        })),
      });
    }
  }
  return measured;
}

/** Missing values, blank texts, and columns that tell nothing apart or everything. */
export async function findInColumns(
  tools: ReportTools,
  file: ReportedFile,
  measured: readonly ReportedColumn[],
): Promise<ReportFinding[]> {
  const findings: ReportFinding[] = [];
  const checks = [
    ['MISSING_VALUES', findMissing],
    ['EMPTY_TEXTS', findBlank],
    ['CONSTANT_COLUMN', findConstant],
    ['ID_LIKE_COLUMN', findIdLike],
  ] as const;
  const counts = { MISSING_VALUES: 0, EMPTY_TEXTS: 0, CONSTANT_COLUMN: 0, ID_LIKE_COLUMN: 0 };
  for (const [i, column] of file.columns.entries()) {
    tools.beat();
    const measure = measured[i]!;
    // What somebody wants to be left out is in nobody's way.
    if (column.role === 'IGNORE' && column.isGiven) continue;
    for (const [code, find] of checks) {
      if (counts[code] >= mostOfOneCode) continue;
      const found = await find(tools, file, column, measure);
      counts[code] += found.length;
      findings.push(...found);
    }
  }
  return findings;
}

async function findMissing(tools: ReportTools, file: ReportedFile, column: FileColumn, { missing }: ReportedColumn) {
  const count = sumOf(missing.map((each) => each.missing));
  if (count === 0) return [];
  const rows = sumOf(missing.map((each) => each.rows));
  const isNeeded =
    !hasNoUse(column) && !['WEIGHT', 'GROUP', 'TIME', 'SLICE'].includes(column.role!) && !isOptional(file, column);
  const found = await findRows(tools, file, `${identifier(column.name)} IS NULL`);
  return [
    createFinding({
      code: 'MISSING_VALUES',
      severity: isNeeded ? 'WARNING' : 'NOTICE',
      message: `${counted(count, 'row')} of ${counted(rows, 'row')} (${percent(count / rows)}) ${
        count === 1 ? 'has' : 'have'
      } no value in the column ${named([column.name])}.`,
      columns: [column.name],
      splits: found.splits,
      count,
      of: rows,
      // A row without its text is shown by another column.
      examples: await showRows(tools, file, file.columns.find((other) => other !== column) ?? column, found.rows),
      suggestedStep: isNeeded ? dropFew(column, false, count / rows) : null,
    }),
  ];
}

async function findBlank(tools: ReportTools, file: ReportedFile, column: FileColumn, { missing }: ReportedColumn) {
  const count = sumOf(missing.map((each) => each.blank));
  if (count === 0 || !contentColumns(file).includes(column) || isOptional(file, column)) return [];
  const rows = sumOf(missing.map((each) => each.rows));
  const found = await findRows(tools, file, isBlank(column));
  return [
    createFinding({
      code: 'EMPTY_TEXTS',
      severity: 'WARNING',
      message: `${counted(count, 'text')} of ${counted(rows, 'row')} in the column ${named([column.name])} ${
        count === 1 ? 'is' : 'are'
      } empty or white space alone.`,
      columns: [column.name],
      splits: found.splits,
      count,
      of: rows,
      examples: await showRows(tools, file, column, found.rows),
      suggestedStep: dropFew(column, true, (count + sumOf(missing.map((each) => each.missing))) / rows),
    }),
  ];
}

async function findConstant(tools: ReportTools, file: ReportedFile, column: FileColumn, measure: ReportedColumn) {
  const values = sumOf(measure.missing.map((each) => each.rows - each.missing));
  // A label that is always the same is a finding of its own, and a single row has no other value.
  if (measure.distinctValues > 2 || values < 2 || column.role === 'LABEL') return [];
  const value = comparedValue(column);
  const [range] = await tools.database.query<{ same: boolean; text: string | null }>(
    `SELECT min(${value}) = max(${value}) AS same, left(CAST(min(${value}) AS VARCHAR), 100) AS text FROM ${rowsOf(file)}`,
  );
  if (range?.same !== true) return [];
  return [
    createFinding({
      code: 'CONSTANT_COLUMN',
      severity: mayBeDropped(file, column) ? 'NOTICE' : 'WARNING',
      message: `The column ${named([column.name])} has the value ${named([range.text ?? ''])} in all ${counted(values, 'row')} that have one.`,
      columns: [column.name],
      count: 1,
      suggestedStep: mayBeDropped(file, column) ? dropColumns([column.name]) : null,
    }),
  ];
}

async function findIdLike(tools: ReportTools, file: ReportedFile, column: FileColumn, measure: ReportedColumn) {
  const values = sumOf(measure.missing.map((each) => each.rows - each.missing));
  const isMeant = column.role === 'LABEL' || column.role === 'GROUP' || hasNoUse(column);
  // Measured numbers and times are different by nature.
  const isId = column.type === 'BIGINT' || column.type === 'VARCHAR';
  if (!isMeant || !isId || values < leastValues || measure.distinctValues < 0.9 * values) return [];
  const value = identifier(column.name);
  const text = `CAST(${value} AS VARCHAR)`;
  const [exact] = await tools.database.query<{ distinct: number; longest: number; sentences: boolean }>(
    `SELECT count(DISTINCT hash(${value}))::DOUBLE AS distinct, max(length(${text}))::DOUBLE AS longest,
       bool_or(regexp_matches(left(${text}, 64), '\\S\\s+\\S+\\s+\\S')) AS sentences
     FROM ${rowsOf(file)} WHERE ${value} IS NOT NULL`,
  );
  // Longer values, and those of three words, are texts that nobody gave a role.
  if (exact === undefined || exact.distinct < values || exact.longest > 64 || exact.sentences) return [];
  return [
    createFinding({
      code: 'ID_LIKE_COLUMN',
      severity: column.role === 'LABEL' ? 'ERROR' : 'NOTICE',
      message: `Each of the ${counted(values, 'value')} in the column ${named([column.name])} occurs once.`,
      columns: [column.name],
      count: 1,
    }),
  ];
}

/** Whether rows are whole without a value of the column: a prompt may have an input or a system text beside it. */
function isOptional(file: ReportedFile, { role }: FileColumn): boolean {
  return role === 'SECOND_TEXT' && withRole(file, 'PROMPT').length > 0;
}

/** Rows without a value go, unless most of them would: of such a column a person has to say what it is for. */
function dropFew({ name }: FileColumn, blankIsMissing: boolean, share: number): SuggestedStep | null {
  return share > mostDropped ? null : dropMissing([name], blankIsMissing);
}

/** What is compared of a column: lists and JSON by their texts. */
function comparedValue(column: FileColumn): string {
  return isList(column) || column.type === 'JSON' ? textOf(column) : identifier(column.name);
}

function isText(column: FileColumn): boolean {
  return column.type === 'VARCHAR' || column.type === 'VARCHAR[]';
}

/** Longer texts of white space alone are no texts that people write, and reading them to the end takes time. */
export function isBlank(column: FileColumn): string {
  const text = textOf(column);
  return `strlen(${text}) <= 4000 AND NOT regexp_matches(${text}, '[^\\s\\p{Z}]')`;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
