import { type InputProblem, ProblemsError, problem } from '../../../src/problems/problem.js';
import { type ColumnType, columnTypes, duckDbTypes, isListType } from '../../../src/protocol/datasets/column-type.js';
import type { FillMissing } from '../../../src/protocol/preparation/steps/gaps.js';
import { literal } from '../../../src/storage/duckdb.js';
import { namedColumn, namedColumns } from '../columns-of-step.js';
import { isMissing } from '../missing-values.js';
import type { RowTable, RunStep, StepTools, TableColumn } from '../row-table.js';
import { refuse } from '../splits/refuse.js';
import { requireSplits, splitsOf } from '../splits/splits-of-rows.js';

/** The types whose missing values each filling can replace. */
const fillable: Readonly<Record<FillMissing['by'], readonly ColumnType[]>> = {
  CONSTANT: columnTypes,
  MODE: ['TEXT', 'INTEGER', 'FLOAT', 'BOOLEAN', 'TIMESTAMP'],
  MEAN: ['INTEGER', 'FLOAT'],
  MEDIAN: ['INTEGER', 'FLOAT', 'TIMESTAMP'],
};

export const runFillMissing: RunStep<FillMissing> = async (step, table, tools) => {
  const { database, names, beat } = tools;
  refuse(checkFilling(step));
  const columns = namedColumns(table, step.columns, fillable[step.by]);
  const group = step.groupBy === null ? null : namedColumn(table, step.groupBy, null, ['groupBy']);
  const learnt = step.by === 'CONSTANT' ? null : await rowsToLearnFrom(step, table, tools);
  const fillings: ColumnFilling[] = [];
  for (const [i, column] of columns.entries()) {
    const missing = isMissing(column, step.blankIsMissing);
    const value =
      step.by === 'CONSTANT'
        ? await constantOf(step.value!, column, tools)
        : await learn(step.by, { table, column, missing, group, learnt: learnt!, path: ['columns', String(i)] }, tools);
    fillings.push({ column, missing, ...value });
    beat();
  }
  const name = names.table();
  await database.query(
    `CREATE TABLE ${name} AS
     SELECT t.* REPLACE (${fillings.flatMap(replacementsOf).join(', ')}) FROM ${table.name} t ${fillings.map(({ join }) => join).join(' ')}`,
  );
  for (const made of fillings.flatMap((each) => each.made)) await database.query(`DROP TABLE ${made}`);
  return { table: { name, columns: table.columns } };
};

function checkFilling({ by, value }: FillMissing): InputProblem[] {
  if (by === 'CONSTANT' && value === null) {
    return [problem(['value'], 'REQUIRED', 'The constant that missing values get is not given.')];
  }
  if (by === 'CONSTANT' || value === null) return [];
  const message = `Missing values get the ${by.toLowerCase()} of the others, and a constant is given, too.`;
  return [problem(['value'], 'INVALID_VALUE', message, 'Leave the constant out, or fill by CONSTANT.')];
}

interface ColumnFilling extends LearntValue {
  readonly column: TableColumn;
  /** SQL condition over rows. */
  readonly missing: string;
}

interface LearntValue {
  /** SQL expression over rows and the joined table. */
  readonly value: string;
  /** SQL that joins the tables of what was learnt. */
  readonly join: string;
  readonly made: readonly string[];
}

/** The filled values, and their texts in the file, which they do not have. */
function replacementsOf({ column, missing, value }: ColumnFilling): string[] {
  const { field, textField } = column;
  const filled = `CASE WHEN ${missing} THEN ${value} ELSE ${field} END AS ${field}`;
  if (textField === undefined) return [filled];
  return [filled, `CASE WHEN ${missing} THEN NULL ELSE ${textField} END AS ${textField}`];
}

/** SQL condition: the rows that values are learnt from. */
async function rowsToLearnFrom({ learnFrom }: FillMissing, table: RowTable, tools: StepTools): Promise<string> {
  const inSplits = (splits: readonly string[]): string => `split IN (${splits.map(literal).join(', ')})`;
  if (learnFrom !== null) {
    await requireSplits(tools, table, learnFrom, ['learnFrom']);
    return inSplits(learnFrom);
  }
  const splits = await splitsOf(tools, table);
  if (splits.length === 0) return 'true';
  if (splits.includes('train')) return inSplits(['train']);
  const message = `No split is named “train”: of ${splits.join(', ')}, say which values are learnt from.`;
  throw new ProblemsError([problem(['learnFrom'], 'REQUIRED', message, 'Name the splits that are trained on.')]);
}

/** The constant, in the column's type. Errors: ProblemsError INVALID_VALUE. */
async function constantOf(value: string, { name, type }: TableColumn, { database }: StepTools): Promise<LearntValue> {
  const sql = duckDbTypes[type];
  const isJson = isListType(type) || type === 'JSON';
  // A fraction is no whole number, though DuckDB would round it.
  const isRefused = type === 'INTEGER' && !/^[+-]?\d+$/.test(value.trim());
  const read = isJson
    ? `CASE WHEN json_valid($value) THEN ${type === 'JSON' ? '$value::JSON' : `TRY_CAST($value::JSON AS ${sql})`} END`
    : `TRY_CAST($value AS ${sql})`;
  const [found] = await database.query<{ isRead: boolean }>(`SELECT ${read} IS NOT NULL AS "isRead"`, { value });
  if (isRefused || !found!.isRead) {
    const message = `“${value}” is no value of column “${name}”, which holds ${type}.`;
    const hint = isJson ? 'Write it as JSON.' : null;
    throw new ProblemsError([problem(['value'], 'INVALID_VALUE', message, hint)]);
  }
  return { value: read.replaceAll('$value', literal(value)), join: '', made: [] };
}

/** Makes tables with the value of all rows, and of each group if there are groups. */
async function learn(
  how: Exclude<FillMissing['by'], 'CONSTANT'>,
  from: {
    readonly table: RowTable;
    readonly column: TableColumn;
    readonly missing: string;
    readonly group: TableColumn | null;
    /** SQL condition over rows. */
    readonly learnt: string;
    readonly path: readonly string[];
  },
  { database, names }: StepTools,
): Promise<LearntValue> {
  const { table, column, missing, group, learnt, path } = from;
  const rows = (part: string): string =>
    `(SELECT ${column.field} AS value, ${part} AS part FROM ${table.name} WHERE ${learnt} AND NOT ${missing})`;
  const overall = names.table();
  await database.query(`CREATE TABLE ${overall} AS ${learntOf(how, column.type, rows('0'))}`);
  const found = await database.query(`SELECT value FROM ${overall} WHERE value IS NOT NULL`);
  if (found.length === 0) {
    const message = `Column “${column.name}” has no value to learn from.`;
    throw new ProblemsError([problem(path, 'INVALID_VALUE', message, 'Fill it with a constant, or drop it.')]);
  }
  const join = `CROSS JOIN ${overall}`;
  if (group === null) return { value: `${overall}.value`, join, made: [overall] };
  const parts = names.table();
  await database.query(`CREATE TABLE ${parts} AS ${learntOf(how, column.type, rows(group.field))}`);
  return {
    value: `coalesce(${parts}.value, ${overall}.value)`,
    join: `${join} LEFT JOIN ${parts} ON ${parts}.part IS NOT DISTINCT FROM t.${group.field}`,
    made: [overall, parts],
  };
}

/**
 * SQL statement that learns a `value` of each `part` of rows; of equal rows it is the same with any number of threads.
 */
function learntOf(how: Exclude<FillMissing['by'], 'CONSTANT'>, type: ColumnType, rows: string): string {
  switch (how) {
    case 'MODE':
      return `SELECT part, value FROM (SELECT part, value, count(*) AS rows FROM ${rows} GROUP BY part, value)
        QUALIFY row_number() OVER (PARTITION BY part ORDER BY rows DESC, value) = 1`;
    case 'MEAN':
      // Sums of whole numbers are exact; those of fractions depend on their order.
      return type === 'INTEGER'
        ? `SELECT part, CAST(round(avg(value)) AS BIGINT) AS value FROM ${rows} GROUP BY part`
        : `SELECT part, sum(value ORDER BY value) / count(*) AS value FROM ${rows} GROUP BY part`;
    case 'MEDIAN':
      return `SELECT part, ${type === 'INTEGER' ? 'CAST(round(median(value)) AS BIGINT)' : 'median(value)'} AS value FROM ${rows} GROUP BY part`;
    default:
      return how satisfies never;
  }
}
