import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { duckDbTypes } from '../../../src/protocol/datasets/column-type.js';
import { literal } from '../../../src/protocol/duckdb-names.js';
import type { CastColumn } from '../../../src/protocol/preparation/steps/columns.js';
import { namedColumn } from '../columns-of-step.js';
import type { RowTable, RunStep, StepTools, TableColumn } from '../row-table.js';
import { textOfValue } from '../text-of-value.js';
import { timeOfText } from '../time-of-text.js';
import { counted, excerptOf, named } from '../wording.js';

export const runCastColumn: RunStep<CastColumn> = async (step, table, tools) => {
  const { database, names } = tools;
  const column = namedColumn(table, step.column, ['TEXT', 'INTEGER', 'FLOAT', 'BOOLEAN', 'TIMESTAMP'], ['column']);
  const [read, name, notes, field] = [names.table(), names.table(), names.table(), names.field()];
  const text = step.to === 'TEXT' ? textOfValue(column) : `nullif(trim(${textOfValue(column)}, ${whiteSpace}), '')`;
  await database.query(
    `CREATE TABLE ${read} AS SELECT row, text, ${valueOfText(step, 'text')} AS value FROM (SELECT row, ${text} AS text FROM ${table.name})`,
  );
  await checkOthers(step, read, tools);
  const isOther = 'text IS NOT NULL AND value IS NULL';
  const left = [column.field, ...(column.textField === undefined ? [] : [column.textField])];
  await database.query(
    `CREATE TABLE ${name} AS SELECT t.* EXCLUDE (${left.join(', ')}), r.value::${duckDbTypes[step.to]} AS ${field}
     FROM ${table.name} t JOIN ${read} r USING (row) ${step.others === 'DROP' ? `WHERE NOT (${isOther})` : ''}`,
  );
  // Reasons outlast a later step that masks personal data, and so they hold no values.
  await database.query(
    `CREATE TABLE ${notes} AS SELECT row, NULL::BIGINT AS other_row,
       'The value is no ${step.to}.' AS reason FROM ${read} WHERE ${isOther}`,
  );
  await database.query(`DROP TABLE ${read}`);
  const after: TableColumn = { name: column.name, type: step.to, field };
  const columns: RowTable['columns'] = table.columns.map((each) => (each === column ? after : each));
  return { table: { name, columns }, notes };
};

const whiteSpace = `' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(160) || chr(12288) || chr(65279)`;

/** SQL expression of the value that a text is, null where it is none. */
function valueOfText({ to, epoch }: CastColumn, text: string): string {
  const is = (pattern: string) => `regexp_full_match(${text}, ${literal(pattern)})`;
  switch (to) {
    case 'TEXT':
      return text;
    case 'INTEGER':
      return `CASE WHEN ${is('[+-]?[0-9]+(\\.0*)?')} THEN TRY_CAST(split_part(${text}, '.', 1) AS BIGINT) END`;
    case 'FLOAT': {
      const number = `TRY_CAST(${text} AS DOUBLE)`;
      return `CASE WHEN ${is('[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?')} AND isfinite(${number}) THEN ${number} END`;
    }
    case 'BOOLEAN':
      return `CASE WHEN lower(${text}) IN ('true', 'yes', '1') THEN true WHEN lower(${text}) IN ('false', 'no', '0') THEN false END`;
    case 'TIMESTAMP':
      // The database also reads words as times, such as “infinity”.
      return `CASE WHEN ${is('[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*')} THEN ${timeOfText(text)}
        WHEN ${is('[+-]?[0-9]+(\\.[0-9]+)?')} THEN ${timeOfNumber(text, epoch)} END`;
    default:
      return to satisfies never;
  }
}

/** Where seconds since 1970 begin that are told by their size, in 1973, and where they end, in 5138. */
const [leastSeconds, leastMilliseconds] = [1e8, 1e11];
/** The end of the year 9999, and the beginning of the year 1. */
const [mostSeconds, firstSecond] = [253_402_300_799, -62_135_596_800];

/**
 * SQL expression of the time that a number counts since 1970, to the microsecond; null where it is none.
 * By their size seconds and milliseconds of the same years can not be confused, as a number is one of both at most:
 * what is smaller, such as the date 20240501, or greater is none.
 */
function timeOfNumber(text: string, epoch: CastColumn['epoch']): string {
  const number = `TRY_CAST(${text} AS DECIMAL(24, 6))`;
  const seconds = `make_timestamp(CAST(${number} * 1000000 AS BIGINT))`;
  const milliseconds = `make_timestamp(CAST(${number} * 1000 AS BIGINT))`;
  const from = (least: number, most: number) => `${number} >= ${least} AND ${number} < ${most}`;
  switch (epoch) {
    case 'SECONDS':
      return `CASE WHEN ${from(firstSecond, mostSeconds)} THEN ${seconds} END`;
    case 'MILLISECONDS':
      return `CASE WHEN ${from(firstSecond * 1000, mostSeconds * 1000)} THEN ${milliseconds} END`;
    case null:
      return `CASE WHEN ${from(leastSeconds, leastMilliseconds)} THEN ${seconds}
        WHEN ${from(leastMilliseconds, 1000 * leastMilliseconds)} THEN ${milliseconds} END`;
    default:
      return epoch satisfies never;
  }
}

/** @throws ProblemsError for values that are none of the type, if they are refused or there are no others */
async function checkOthers({ column, to, others }: CastColumn, read: string, { database }: StepTools): Promise<void> {
  const [found] = await database.query<FoundOthers>(
    `SELECT count(text)::DOUBLE AS given, count(value)::DOUBLE AS fitting,
       (min(row) FILTER (text IS NOT NULL AND value IS NULL))::DOUBLE AS first,
       left(arg_min(text, row) FILTER (value IS NULL), 400) AS example
     FROM ${read}`,
  );
  const { given, fitting, first, example } = found!;
  const unfit = given - fitting;
  if (unfit === 0 || (others !== 'REFUSE' && fitting > 0)) return;
  const shown = `${named([excerptOf(example!)])} in row ${first}`;
  const message =
    fitting === 0
      ? `No value of column “${column}” is ${to}, such as ${shown}.`
      : `${counted(unfit, 'value')} of column “${column}” ${unfit === 1 ? 'is' : 'are'} no ${to}; the first is ${shown}.`;
  const written = `Write ${howWritten[to]}: replacePattern changes how values are written.`;
  const hint =
    fitting === 0 ? written : `${written} \`others\` makes them missing (REMOVE) or drops their rows (DROP).`;
  throw new ProblemsError([problem(['column'], 'INVALID_VALUE', message, hint)]);
}

interface FoundOthers {
  /** Rows with a value that is not blank, and those whose value is of the type. */
  readonly given: number;
  readonly fitting: number;
  /** The first row whose value is not, and that value. */
  readonly first: number | null;
  readonly example: string | null;
}

const howWritten: Readonly<Record<CastColumn['to'], string>> = {
  TEXT: 'any text',
  INTEGER: 'whole numbers such as 1024, without separators of thousands',
  FLOAT: 'numbers such as 1024.5, with a decimal point and without separators of thousands',
  BOOLEAN: 'true and false, yes and no, or 1 and 0',
  TIMESTAMP:
    '2024-05-01, 2024-05-01T12:30:00, or seconds or milliseconds since 1970, which `epoch` tells where their size does not (1714566600, 1714566600000)',
};
