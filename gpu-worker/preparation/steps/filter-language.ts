import { checkFilterStep } from '../../../src/preparation/checks/filters.js';
import { checkNewColumnName } from '../../../src/preparation/checks/new-column-name.js';
import type { FilterLanguage } from '../../../src/protocol/preparation/steps/filters.js';
import { literal } from '../../../src/storage/duckdb.js';
import { namedColumn } from '../columns-of-step.js';
import { messageTexts } from '../message-texts.js';
import { refuse } from '../refuse.js';
import type { RunStep, TableColumn } from '../row-table.js';
import { textOfValue } from '../text-of-value.js';

export const runFilterLanguage: RunStep<FilterLanguage> = async (step, table, { database, names, beat }) => {
  refuse(checkFilterStep(step));
  const column = namedColumn(table, step.column, ['TEXT', 'TEXT_LIST', 'JSON'], ['column']);
  const taken = table.columns.map(({ name }) => name);
  if (step.as !== null) refuse(checkNewColumnName(step.as, taken, ['as']));
  // The frequencies of letters of sixty languages take 140 MB and 1.5 s: only a worker that needs them loads them.
  const { detectLanguage } = await import('../text/language-of-text.js');
  const [name, notes, found, detected] = [names.table(), names.table(), names.table(), names.table()];
  let calls = 0;
  await database.defineTextFunction(detected, (text) => {
    // A call takes up to 0.2 ms.
    if ((calls++ & 0xff) === 0) beat();
    const read = column.type === 'JSON' ? messageTexts(text).join('\n') : text;
    const { language, confidence } = detectLanguage(read);
    return language === null || confidence < step.minConfidence ? null : language;
  });
  await database.query(
    `CREATE TABLE ${found} AS SELECT row, ${detected}(${textOfValue(column)}) AS language FROM ${table.name}`,
  );
  // What is listed was checked to be codes of two letters.
  const listed = `language IN (${step.languages.map(literal).join(', ')})`;
  const wanted = step.action === 'KEEP' ? listed : `NOT ${listed}`;
  const kept =
    step.action === 'MARK' ? 'true' : `CASE WHEN language IS NULL THEN ${step.keepUnknown} ELSE ${wanted} END`;
  const field = names.field();
  const added = step.as === null ? '' : `, language AS ${field}`;
  await database.query(
    `CREATE TABLE ${name} AS SELECT t.*${added} FROM ${table.name} t JOIN ${found} USING (row) WHERE ${kept} ORDER BY row`,
  );
  await database.query(
    `CREATE TABLE ${notes} AS SELECT row, NULL::BIGINT AS other_row,
       CASE WHEN language IS NULL THEN 'Its language is unknown.' ELSE 'Its language is “' || language || '”.' END AS reason
     FROM ${found} WHERE NOT ${kept}`,
  );
  await database.query(`DROP TABLE ${found}`);
  const marks: readonly TableColumn[] = step.as === null ? [] : [{ name: step.as, type: 'TEXT', field }];
  return { table: { name, columns: [...table.columns, ...marks] }, notes, found: marks };
};
