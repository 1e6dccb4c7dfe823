import { checkFilterStep } from '../../../src/preparation/checks/filters.js';
import { isProblemCode, ProblemsError, problem } from '../../../src/problems/problem.js';
import type { FilterLength } from '../../../src/protocol/preparation/steps/filters.js';
import { ProblemError } from '../../problem-error.js';
import { beatByCharacters } from '../beat-by-characters.js';
import { namedColumn } from '../columns-of-step.js';
import { messageTexts } from '../message-texts.js';
import { refuse } from '../refuse.js';
import type { RunStep, StepTools, TableColumn } from '../row-table.js';
import { countWords } from '../text/count-words.js';

export const runFilterLength: RunStep<FilterLength> = async (step, table, tools) => {
  refuse(checkFilterStep(step));
  const { database, names } = tools;
  const column = namedColumn(table, step.column, ['TEXT', 'TEXT_LIST', 'JSON'], ['column']);
  const [name, notes, measured] = [names.table(), names.table(), names.table()];
  const length = await lengthOf(step, column, tools);
  await database.query(`CREATE TABLE ${measured} AS SELECT row, ${length} AS length FROM ${table.name}`);
  const { atLeast, atMost, unit, keepMissing } = step;
  const [least, most] = [String(atLeast ?? 0), String(atMost ?? Number.MAX_SAFE_INTEGER)];
  const kept = `CASE WHEN length IS NULL THEN ${keepMissing} ELSE length BETWEEN ${least} AND ${most} END`;
  await database.query(
    `CREATE TABLE ${name} AS SELECT * FROM ${table.name} WHERE row IN (SELECT row FROM ${measured} WHERE ${kept})`,
  );
  await database.query(
    `CREATE TABLE ${notes} AS SELECT row, NULL::BIGINT AS other_row,
       CASE WHEN length IS NULL THEN 'It has no text.' ELSE 'It has ' || length || ' ${unit}.' END AS reason
     FROM ${measured} WHERE NOT ${kept}`,
  );
  await database.query(`DROP TABLE ${measured}`);
  return { table: { name, columns: table.columns }, notes, onlyDrops: true };
};

/** The length of a column’s text in SQL. The lengths of a list’s items, and of messages, are added. */
async function lengthOf({ unit, model }: FilterLength, column: TableColumn, tools: StepTools): Promise<string> {
  const { field, type } = column;
  if (type !== 'JSON' && unit === 'characters') return summed(column, (text) => `length(${text})`);
  const { database, names, beat } = tools;
  const count = unit === 'tokens' ? await tokensOf(model!, tools) : unit === 'words' ? countWords : countCharacters;
  const name = names.table();
  const beatBefore = beatByCharacters(beat);
  const beating = (text: string): number => {
    beatBefore(text.length);
    return count(text);
  };
  if (type === 'JSON') {
    await database.defineTextFunction(name, (json) =>
      String(messageTexts(json).reduce((sum, text) => sum + beating(text), 0)),
    );
    return `CAST(${name}(CAST(${field} AS VARCHAR)) AS BIGINT)`;
  }
  await database.defineTextFunction(name, (text) => String(beating(text)));
  return summed(column, (text) => `CAST(${name}(${text}) AS BIGINT)`);
}

function summed({ field, type }: TableColumn, length: (text: string) => string): string {
  if (type === 'TEXT') return length(field);
  const lengths = `list_transform(${field}, lambda item: ${length('item')})`;
  return `CASE WHEN ${field} IS NULL THEN NULL ELSE coalesce(list_sum(${lengths}), 0) END`;
}

/** Code points, as DuckDB counts them. */
function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

async function tokensOf(model: string, tools: StepTools): Promise<(text: string) => number> {
  try {
    return await tools.tokenCounter(model);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { code, message, hint } = error.problem;
    throw isProblemCode(code) ? new ProblemsError([problem(['model'], code, message, hint)]) : error;
  }
}
