import { ProblemsError } from '../../../src/problems/problem.js';
import { type ColumnType, duckDbTypes, isListType } from '../../../src/protocol/datasets/column-type.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import type { ListColumn } from '../../../src/protocol/datasets/file-options.js';
import { type DuckDb, identifier, literal } from '../../../src/storage/duckdb.js';
import { checkTally } from './check-tally.js';
import { checkColumnNames, nameUnnamed } from './column-names.js';
import { hasMixedLists, type KeyKinds, typeOfKinds, typeOfLists } from './json-kinds.js';
import { placesOfLists } from './list-columns.js';
import { excerptLength, type RowTally } from './rejected-rows.js';
import { maxObjectBytes, type StagedColumn, stagedName, stagedTable } from './staging.js';

const mostNotices = 10;

/**
 * Stages objects that a scanner has rewritten: a column for each key, in order of first appearance; where an object
 * lacks a key, the value is missing.
 */
export async function stageObjects(
  database: DuckDb,
  rewritten: string,
  found: ReadonlyMap<string, KeyKinds>,
  lists: readonly ListColumn[],
  tally: RowTally,
  problemPath: readonly string[],
): Promise<StagedColumn[]> {
  const keys = [...found];
  const { names, notices } = nameUnnamed(keys.map(([key]) => key));
  tally.notices.push(...notices);
  const problems = checkColumnNames(names, problemPath);
  if (problems.length > 0) throw new ProblemsError(problems);
  const places = placesOfLists(
    lists,
    keys.map(([key]) => key),
  );

  const mixed = names.filter((_, index) => !places.has(index) && hasMixedLists(keys[index]![1]));
  tally.notices.push(...mixed.slice(0, mostNotices).map(mixedLists));

  await database.query(
    `CREATE TABLE objects AS
     SELECT CAST(json_extract_string(json, '/n') AS BIGINT) AS place,
       CAST(json_extract_string(json, '/l') AS BIGINT) AS line, json_extract(json, '/r') AS object
     FROM read_json_objects(${literal(rewritten)}, format = 'newline_delimited', compression = 'uncompressed',
       maximum_object_size = ${maxObjectBytes})`,
  );
  await rejectDuplicateKeys(database, tally);
  checkTally(tally, problemPath);
  const columns = keys.map(([key, kinds], index) => {
    const list = places.get(index);
    const type = list === undefined ? typeOfKinds(kinds) : typeOfLists(kinds, list.items);
    return { name: names[index]!, type, value: memberOf(key, type), expression: identifier(stagedName(index)) };
  });
  const values = columns.map(({ value, expression }) => `${value} AS ${expression}`);
  await database.query(`CREATE TABLE ${stagedTable} AS SELECT ${values.join(', ')} FROM objects ORDER BY place`);
  await database.query('DROP TABLE objects');
  return columns.map(({ name, type, expression }) => ({ name, type, expression }));
}

function mixedLists(name: string): FileNotice {
  const message = `“${name}” has lists in some rows and other values in others: all of it is JSON, which no head learns from.`;
  const hint = `Name it in \`fileOptions: { listColumns: [{ column: ${JSON.stringify(name)} }] }\`: rows without a list are rejected then.`;
  return { code: 'MIXED_LISTS', message: `${message} ${hint}` };
}

/** Rejects objects with the same key twice, because readers differ in which of the two values they take. */
async function rejectDuplicateKeys(database: DuckDb, tally: RowTally): Promise<void> {
  const ambiguous = 'len(json_keys(object)) <> len(list_distinct(json_keys(object)))';
  const rows = await database.query<{ line: number; start: string }>(
    `SELECT line::DOUBLE AS line, left(object::VARCHAR, ${excerptLength}) AS start FROM objects WHERE ${ambiguous} ORDER BY place`,
  );
  if (rows.length === 0) return;
  await database.query(`DELETE FROM objects WHERE ${ambiguous}`);
  for (const { line, start } of rows) {
    tally.accepted--;
    tally.reject(line, 'DUPLICATE_KEY', 'The object has the same key twice.', Buffer.from(start));
  }
  tally.rows.sort((a, b) => a.line - b.line);
}

/** The value under a key, by a JSON pointer (RFC 6901), which can express any name. JSON's null is a missing value. */
function memberOf(key: string, type: ColumnType): string {
  const pointer = literal(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  if (isListType(type)) return `CAST(json_extract(object, ${pointer}) AS ${duckDbTypes[type]})`;
  if (type !== 'JSON') return `CAST(json_extract_string(object, ${pointer}) AS ${duckDbTypes[type]})`;
  return `CASE WHEN json_type(object, ${pointer}) <> 'NULL' THEN json_extract(object, ${pointer}) END`;
}
