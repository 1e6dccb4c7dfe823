import { join } from 'node:path';
import { withoutByteOrderMark } from '../../../src/preparation/file-signature.js';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import { type ColumnType, duckDbTypes, isListType } from '../../../src/protocol/datasets/column-type.js';
import type { ListColumn } from '../../../src/protocol/datasets/file-options.js';
import type { FileFormat } from '../../../src/protocol/datasets/split-request.js';
import { type DuckDb, identifier, literal } from '../../../src/storage/duckdb.js';
import { checkTally } from './check-tally.js';
import { inferColumnTypes, losesDigits } from './column-types.js';
import { readCsvLayout } from './csv-header.js';
import { type CsvDialect, CsvScanner, type UnclosedQuote } from './csv-scanner.js';
import { readEnds, rewriteFile, type Scanner } from './file-passes.js';
import { placesOfLists } from './list-columns.js';
import { looksLikeConll } from './looks-like-conll.js';
import { wholeNumber } from './read-list.js';
import { groupsOf, stageTexts } from './stage-texts.js';
import { maxRowBytes, type Stage, stagedName, stagedTable } from './staging.js';
import { TextParquet } from './text-parquet.js';

/** A scanner's work of about a millisecond; between two chunks the process can do other work. */
const chunkBytes = 512 * 1024;

/** Stages CSV and TSV. */
export const stageCsv: Stage = async (database, request, tally) => {
  const { path, format, options, textNames, folder, problemPath, isBeginning } = request;
  const { onTextFile = () => undefined } = request;
  const { head, isWholeFile } = await readEnds(path);
  if (options.delimited === null && looksLikeConll(withoutByteOrderMark(head))) throw conll(problemPath);
  const { names, notices, ...layout } = readCsvLayout(withoutByteOrderMark(head), {
    format: format === 'TSV' ? 'TSV' : 'CSV',
    options: options.delimited,
    isWholeFile,
    path: problemPath,
    textNames,
  });
  tally.header = layout.header;
  tally.notices.push(...notices);
  const lists = placesOfLists(options.listColumns, names);

  const rewritten = join(folder, 'rows.parquet');
  const parquet = new TextParquet(names.map((_, index) => stagedName(index)));
  const groups = groupsOf(parquet, names.length);
  const scanner = new CsvScanner({ ...layout.dialect, ...layout, lists, maxRowBytes, isBeginning }, groups.rows, tally);
  const rewriting: Scanner = {
    push: (chunk) => scanner.push(chunk),
    finish() {
      scanner.finish();
      groups.finish();
    },
    take: groups.take,
  };
  await rewriteFile(path, rewritten, rewriting, undefined, chunkBytes);
  if (scanner.unclosedQuote !== null) throw unclosed(scanner.unclosedQuote, problemPath);
  checkTally(tally, problemPath, hintOf(layout.dialect, format));

  const file = { path: rewritten, parquet, columns: names.length };
  if (await stageTexts(database, file, new Set(lists.keys()))) onTextFile(file);
  const texts = names.flatMap((_, index) => (lists.has(index) ? [] : [index]));
  const typeOf = new Map(await inferColumnTypes(database, texts));
  for (const [index, list] of lists) typeOf.set(index, await listType(database, index, list));
  return names.map((name, index) => {
    const type = typeOf.get(index)!;
    const value = identifier(stagedName(index));
    const column = { name, type, expression: `CAST(${value} AS ${duckDbTypes[type]})` };
    return isListType(type) ? column : { ...column, text: value };
  });
};

/**
 * The type of a column of lists, whose items the scanner wrote as texts. They stay texts where floats, which fractions
 * need, would change the digits of long whole numbers.
 */
async function listType(database: DuckDb, index: number, { items }: ListColumn): Promise<ColumnType> {
  if (items !== 'NUMBER') return 'TEXT_LIST';
  const holds = (test: string) => `bool_or(len(list_filter(${identifier(stagedName(index))}, item -> ${test})) > 0)`;
  const [found] = await database.query<{ fractions: boolean | null; long: boolean | null }>(
    `SELECT ${holds(`NOT regexp_full_match(item, ${literal(wholeNumber)})`)} AS fractions,
       ${holds(losesDigits('item'))} AS long FROM ${stagedTable}`,
  );
  if (found!.fractions === false) return 'INTEGER_LIST';
  return found!.long === true ? 'TEXT_LIST' : 'FLOAT_LIST';
}

/** What may be wrong with a file whose rows are not read. */
function hintOf({ delimiter }: CsvDialect, format: FileFormat): string {
  const question = 'Does the file have the format that the upload declared?';
  if (format === 'TSV') return `${question} Text with other delimiters than tabs, or with quotes, is CSV.`;
  const named = delimiter === -1 ? 'as a single column' : `divided by ${nameOf(String.fromCharCode(delimiter))}`;
  return `${question} It was read ${named}; \`fileOptions: { delimited: { delimiter: ";" } }\` names another delimiter.`;
}

function nameOf(delimiter: string): string {
  return delimiter === ',' ? 'commas' : delimiter === '\t' ? 'tabs' : `“${delimiter}”`;
}

function conll(path: readonly string[]): ProblemsError {
  return new ProblemsError([
    problem(
      path,
      'INVALID_FILE',
      'The file looks like CoNLL: a word a line, its tag at the end, blank lines between sentences.',
      'Create the upload with format CONLL, and choose its columns with `fileOptions: { conll: … }`. To read it as a table all the same, give `fileOptions: { delimited: { header: false } }`.',
    ),
  ]);
}

function unclosed({ line, linesSwallowed }: UnclosedQuote, path: readonly string[]): ProblemsError {
  return new ProblemsError([
    problem(
      path,
      'INVALID_FILE',
      `A quote that opens in the row of line ${line} is never closed: the ${linesSwallowed} lines after it can not be separated into rows.`,
      'Close the quote, or double it if it is part of the text.',
    ),
  ]);
}
