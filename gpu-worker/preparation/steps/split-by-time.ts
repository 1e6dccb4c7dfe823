import { checkCuts } from '../../../src/preparation/checks/cuts.js';
import { checkSplitStep } from '../../../src/preparation/checks/splits.js';
import { type InputProblem, ProblemsError, problem } from '../../../src/problems/problem.js';
import { literal } from '../../../src/protocol/duckdb-names.js';
import type { SplitByTime } from '../../../src/protocol/preparation/steps/splits.js';
import { namedColumn } from '../columns-of-step.js';
import { divideByLargestRemainder } from '../ingestion/largest-remainder.js';
import type { RowTable, RunStep, StepTools, TableColumn } from '../row-table.js';
import { refuse } from '../splits/refuse.js';
import { splitsOf, withSplits } from '../splits/splits-of-rows.js';
import { timeOfText } from '../time-of-text.js';
import { counted, excerptOf, named } from '../wording.js';

export const runSplitByTime: RunStep<SplitByTime> = async (step, table, tools) => {
  refuse(checkSplitStep(step));
  const { database, names } = tools;
  const column = namedColumn(table, step.column, ['TIMESTAMP', 'TEXT', 'INTEGER', 'FLOAT'], ['column']);
  refuse(checkCuts(step.cuts ?? [], column));
  const value = orderedBy(column);
  await checkValues(step, table, column, value, tools);
  const begins = names.table();
  if (step.cuts === null) await beginsByFractions(step, table, value, begins, tools);
  else await beginsByCuts(step.cuts, column, begins, tools);
  const assigned = names.table();
  await database.query(
    `CREATE TABLE ${assigned} AS
     WITH times AS (SELECT row, ${value} AS value FROM ${table.name}),
          ordered AS (SELECT list(value ORDER BY value) AS firsts, list(part ORDER BY value) AS parts FROM ${begins})
     SELECT row, CASE WHEN value IS NULL THEN $missing
       ELSE from_json($names, '["VARCHAR"]')[1 + coalesce(parts[len(list_filter(firsts, first -> first <= value))], 0)] END AS split
     FROM times CROSS JOIN ordered`,
    { missing: step.splitOfMissing, names: JSON.stringify(step.splits) },
  );
  const divided = await withSplits(tools, table, assigned);
  for (const each of [begins, assigned]) await database.query(`DROP TABLE ${each}`);
  await checkEmpty(step, divided, tools);
  return { table: divided };
};

/** SQL expression of the value that rows are ordered by; null where there is none. */
function orderedBy({ type, field }: TableColumn): string {
  if (type === 'TEXT') return timeOfText(field);
  // A floating-point number may be none, which stands in no order.
  return type === 'FLOAT' ? `CASE WHEN isnan(${field}) THEN NULL ELSE ${field} END` : field;
}

/** Makes a table of the lowest `value` of each `part` but the first, from the rows' values and the fractions. */
async function beginsByFractions(
  { fractions }: SplitByTime,
  table: RowTable,
  value: string,
  into: string,
  { database }: StepTools,
): Promise<void> {
  const [found] = await database.query<{ rows: number }>(`SELECT count(${value})::DOUBLE AS rows FROM ${table.name}`);
  const shares = divideByLargestRemainder(found!.rows, fractions!, [...fractions!.keys()]);
  const ends = shares.map((_, part) => shares.slice(0, part + 1).reduce((sum, share) => sum + share, 0));
  // Rows of one time go to the split that contains the middle one, so that equal times are never on both sides of a
  // cut.
  await database.query(
    `CREATE TABLE ${into} AS
     WITH times AS (SELECT ${value} AS value, count(*) AS rows FROM ${table.name} GROUP BY ALL HAVING value IS NOT NULL),
          placed AS (SELECT value, rows, sum(rows) OVER (ORDER BY value ROWS UNBOUNDED PRECEDING) - rows AS before FROM times),
          parts AS (
            SELECT value, len(list_filter(from_json($ends, '["BIGINT"]'), upper -> 2 * upper <= 2 * before + rows)) AS part
            FROM placed
          )
     SELECT part, min(value) AS value FROM parts WHERE part > 0 GROUP BY part`,
    { ends: JSON.stringify(ends) },
  );
}

/** Makes a table of the lowest `value` of each `part` but the first, as the step has them. */
async function beginsByCuts(
  cuts: readonly string[],
  { type, name }: TableColumn,
  into: string,
  { database }: StepTools,
): Promise<void> {
  // A fraction is no cut of whole numbers, though DuckDB would round it.
  const parsed = isTime(type)
    ? 'TRY_CAST(text AS TIMESTAMP)'
    : type === 'FLOAT'
      ? 'TRY_CAST(text AS DOUBLE)'
      : wholeNumber;
  await database.query(
    `CREATE TABLE ${into} AS
     SELECT number::INTEGER AS part, ${parsed} AS value
     FROM (SELECT unnest(from_json($cuts, '["VARCHAR"]')) AS text, generate_subscripts(from_json($cuts, '["VARCHAR"]'), 1) AS number)`,
    { cuts: JSON.stringify(cuts) },
  );
  const rows = await database.query<{ part: number; isRead: boolean; ascends: boolean | null }>(
    `SELECT part, value IS NOT NULL AS "isRead", value > lag(value) OVER (ORDER BY part) AS ascends FROM ${into} ORDER BY part`,
  );
  refuse(
    rows.flatMap(({ part, isRead, ascends }) => {
      const path = ['cuts', String(part - 1)];
      if (!isRead) {
        const hint = isTime(type) ? 'Write 2024-05-01 or 2024-05-01T12:30:00.' : 'Write a number.';
        const message = `“${cuts[part - 1]}” is no value of column “${name}”, which holds ${type}.`;
        return [problem(path, 'INVALID_VALUE', message, hint)];
      }
      if (ascends !== false) return [];
      const message = `The cut “${cuts[part - 1]}” is not above “${cuts[part - 2]}” before it.`;
      return [problem(path, 'INVALID_VALUE', message, 'Order the cuts from the lowest to the highest.')];
    }),
  );
}

const isTime = (type: TableColumn['type']): boolean => type === 'TIMESTAMP' || type === 'TEXT';

const wholeNumber = `CASE WHEN regexp_full_match(text, '[+-]?[0-9]+') THEN TRY_CAST(text AS BIGINT) END`;

/**
 * @throws ProblemsError for a column in which no value is a time or number, and for rows without one that get no split
 */
async function checkValues(
  { splitOfMissing, column }: SplitByTime,
  table: RowTable,
  { type, field }: TableColumn,
  value: string,
  { database }: StepTools,
): Promise<void> {
  // A blank text is no value that is written otherwise.
  const given = type === 'TEXT' ? `CASE WHEN regexp_matches(${field}, '[^\\s\\p{Z}]') THEN ${field} END` : field;
  const isUnread = `${given} IS NOT NULL AND ${value} IS NULL`;
  const [found] = await database.query<FoundValues>(
    `SELECT count(*)::DOUBLE AS rows, count(${value})::DOUBLE AS read, count(${given})::DOUBLE AS given,
            count(${field})::DOUBLE - count(${given}) AS blank,
            (min(row) FILTER (${given} IS NULL))::DOUBLE AS "firstMissing",
            (min(row) FILTER (${isUnread}))::DOUBLE AS "firstUnread",
            left(arg_min(${field}::VARCHAR, row) FILTER (${isUnread}), 400) AS unread,
            (count(*) FILTER (${isUnread} AND regexp_full_match(${field}::VARCHAR, ${literal(numeral)})))::DOUBLE AS numerals
     FROM ${table.name}`,
  );
  const { rows, read, given: values, blank, firstMissing, firstUnread, unread, numerals } = found!;
  const noun = isTime(type) ? 'time' : 'number';
  const areNumerals = numerals > (values - read) / 2;
  if (rows > 0 && read === 0) {
    const message =
      values === 0
        ? `Column “${column}” has no value in any row.`
        : `No value of column “${column}” is a ${noun}, such as ${named([excerptOf(unread!)])} in row ${firstUnread}.`;
    const hint = areNumerals && type === 'TEXT' ? hintOfNumerals : 'Choose a column of times or numbers.';
    throw new ProblemsError([problem(['column'], 'INVALID_VALUE', message, hint)]);
  }
  if (splitOfMissing !== null) return;
  const problems: InputProblem[] = [];
  if (values > read) {
    const message = `${counted(values - read, 'value')} of column “${column}” ${values - read === 1 ? 'is' : 'are'} no ${noun}; the first is ${named([excerptOf(unread!)])} in row ${firstUnread}.`;
    const hint = areNumerals && type === 'TEXT' ? hintOfYears : hintsOfUnread[noun];
    problems.push(problem(['column'], 'INVALID_VALUE', message, hint));
  }
  if (rows > values) {
    const blanks = blank > 0 ? `, ${counted(blank, 'blank text')} among them` : '';
    const message = `${counted(rows - values, 'row has', 'rows have')} no ${noun} in column “${column}”${blanks}; the first is row ${firstMissing}.`;
    const hint = 'Name the split of such rows in splitOfMissing, or drop them before.';
    problems.push(problem(['splitOfMissing'], 'REQUIRED', message, hint));
  }
  refuse(problems);
}

interface FoundValues {
  readonly rows: number;
  /** Rows whose value is a time or a number. */
  readonly read: number;
  /** Rows with any value that is not a blank text. */
  readonly given: number;
  readonly blank: number;
  readonly firstMissing: number | null;
  readonly firstUnread: number | null;
  readonly unread: string | null;
  /** Values that are no times, and texts of a number. */
  readonly numerals: number;
}

/** A number as people write it, also with separators of thousands, leading zeros and a decimal comma. */
const numeral = String.raw`\s*[+-]?([0-9]+|[0-9]{1,3}([,.' ][0-9]{3})+)([.,][0-9]+)?\s*`;

const hintOfNumerals =
  'They are numbers, and the column holds TEXT, which is ordered by times alone. castColumn makes numbers of it; before, replacePattern removes separators of thousands.';

const hintOfYears =
  'They are numbers beside times: write years and the like as times, 2024 as 2024-01-01, name the split of such rows in splitOfMissing, or drop them.';

const hintsOfUnread = {
  time: 'Write 2024-05-01 or 2024-05-01T12:30:00 before, name the split of such rows in splitOfMissing, or drop them.',
  number: 'Name the split of such rows in splitOfMissing, or drop them before.',
} as const;

async function checkEmpty({ splits, fractions }: SplitByTime, table: RowTable, tools: StepTools): Promise<void> {
  const found = await splitsOf(tools, table);
  const hint =
    fractions === null
      ? 'Choose other cuts.'
      : 'Rows of the same time come into one split: have fewer splits, or choose another column.';
  refuse(
    splits.flatMap((name, i) =>
      found.includes(name)
        ? []
        : [problem(['splits', String(i)], 'EMPTY_SPLIT', `No row is left for the split “${name}”.`, hint)],
    ),
  );
}
