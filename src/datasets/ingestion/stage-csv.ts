import { join } from 'node:path';
import { ProblemsError, problem } from '../../problems/problem.js';
import { duckDbTypes } from '../column-type.js';
import { type DuckDb, identifier, literal } from '../duckdb.js';
import { checkTally } from './check-tally.js';
import { checkColumnNames } from './column-names.js';
import { inferColumnTypes } from './column-types.js';
import { readCsvHeader } from './csv-header.js';
import { CsvScanner, type UnclosedQuote } from './csv-scanner.js';
import { readEnds, rewriteFile } from './file-passes.js';
import { withoutByteOrderMark } from './file-signature.js';
import { maxObjectBytes, maxRowBytes, type Stage, stagedName, stagedTable } from './staging.js';

/** Stages CSV and TSV. */
export const stageCsv: Stage = async (database, { path, format, folder, problemPath }, tally) => {
  const { head } = await readEnds(path);
  const header = readCsvHeader(withoutByteOrderMark(head), format === 'TSV' ? 'TSV' : 'CSV', problemPath);
  if ('code' in header) throw new ProblemsError([header]);
  const { names, dialect } = header;
  const problems = checkColumnNames(names, problemPath);
  if (problems.length > 0) throw new ProblemsError(problems);

  const rewritten = join(folder, 'rows.jsonl');
  const scanner = new CsvScanner({ ...dialect, columnCount: names.length, columnName: stagedName, maxRowBytes }, tally);
  await rewriteFile(path, rewritten, scanner);
  if (scanner.unclosedQuote !== null) throw unclosed(scanner.unclosedQuote, problemPath);
  checkTally(tally, problemPath);

  await readRewritten(database, rewritten, names.length);
  const types = await inferColumnTypes(database, names.length);
  return names.map((name, index) => {
    const type = types[index]!;
    return { name, type, expression: `CAST(${identifier(stagedName(index))} AS ${duckDbTypes[type]})` };
  });
};

async function readRewritten(database: DuckDb, path: string, columnCount: number): Promise<void> {
  const columns = Array.from({ length: columnCount }, (_, index) => `${literal(stagedName(index))}: 'VARCHAR'`);
  await database.query(
    `CREATE TABLE ${stagedTable} AS
     SELECT * FROM read_json(${literal(path)}, format = 'newline_delimited', compression = 'uncompressed',
       maximum_object_size = ${maxObjectBytes}, columns = {${columns.join(', ')}})`,
  );
}

function unclosed({ line, linesSwallowed }: UnclosedQuote, path: readonly string[]): ProblemsError {
  return new ProblemsError([
    problem(
      path,
      'INVALID_FILE',
      `A quote that opens in the row of line ${line} is never closed: the ${linesSwallowed} lines after it cannot be told apart.`,
      'Close the quote, or double it if it is part of the text.',
    ),
  ]);
}
