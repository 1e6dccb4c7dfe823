import { join } from 'node:path';
import { jsonPathPath } from '../../../src/preparation/check-file-options.js';
import { ProblemsError, problem } from '../../../src/problems/problem.js';
import type { FileNotice } from '../../../src/protocol/datasets/file-notice.js';
import type { JsonOptions } from '../../../src/protocol/datasets/file-options.js';
import { JsonSurvey, type JsonTable, largestOf, writePath } from '../formats/json-survey.js';
import { JsonFault } from '../formats/json-values.js';
import { checkTally } from './check-tally.js';
import { maxColumns, tooManyColumns } from './column-names.js';
import { chunksOf, rewriteFile } from './file-passes.js';
import { JsonColumnFiles, joinColumns } from './json-columns.js';
import { JsonDocumentScanner } from './json-document-scanner.js';
import { JsonLinesScanner } from './json-lines-scanner.js';
import { stageObjects } from './stage-objects.js';
import { maxRowBytes, type Stage } from './staging.js';

const usual: JsonOptions = { path: null, layout: null, flatten: false };
const shownTables = 5;

/**
 * Stages a JSON document: finds the part that holds rows, unless the options name it, and reads its rows as those of
 * JSON Lines. Memory is constant.
 */
export const stageJsonDocument: Stage = async (database, { path, options, folder, problemPath }, tally) => {
  const asked = options.json ?? usual;
  const table = await findTable(path, asked, problemPath);
  tally.notices.push(...table.notices);
  const rewritten = join(folder, 'rows.jsonl');
  const { listColumns: lists } = options;
  const rows = new JsonLinesScanner({ maxRowBytes, maxKeys: maxColumns, lists, flatten: asked.flatten }, tally);
  const tooMany = () => rows.hasTooManyKeys();
  if (table.layout === 'COLUMNS') {
    const files = new JsonColumnFiles(table.path, folder, maxRowBytes);
    try {
      const columns = await files.read(chunksOf(path), problemPath);
      if (columns.length > maxColumns) throw new ProblemsError([tooManyColumns(problemPath)]);
      await joinColumns(columns, rows, rewritten);
    } finally {
      await files.close();
    }
  } else {
    await rewriteFile(path, rewritten, new JsonDocumentScanner(table.path, table.layout, rows, maxRowBytes), tooMany);
  }
  if (tooMany()) throw new ProblemsError([tooManyColumns(problemPath)]);
  checkTally(tally, problemPath);
  return stageObjects(database, rewritten, rows.keys, lists, tally, problemPath);
};

/** The part of the document that holds the rows. */
async function findTable(
  file: string,
  asked: JsonOptions,
  problemPath: readonly string[],
): Promise<JsonTable & { readonly notices: readonly FileNotice[] }> {
  const tables = await tablesOf(file).catch((error: unknown) => {
    if (!(error instanceof JsonFault)) throw error;
    const message = `The file is no JSON document: ${error.message}.`;
    const hint = 'Is it JSON Lines, with an object on each line? Then its format is JSONL.';
    throw new ProblemsError([problem(problemPath, 'INVALID_FILE', message, hint)]);
  });
  const fitting = asked.layout === null ? tables : tables.filter(({ layout }) => layout === asked.layout);
  if (asked.path !== null) {
    const at = asked.path;
    const named = fitting.find(({ path }) => writePath(path) === at || pointerOf(path) === at);
    if (named !== undefined) return { ...named, notices: [] };
    const message = `The document has no rows at “${at}”.`;
    throw new ProblemsError([problem(jsonPathPath, 'NOT_FOUND', message, foundAt(tables))]);
  }
  const found = largestOf(fitting);
  if (found !== null) {
    const others = tables.filter((table) => table !== found);
    return { ...found, notices: found.path.length === 0 && others.length === 0 ? [] : [tableFound(found, others)] };
  }
  if (fitting.length === 0) {
    const message = 'The document holds no rows: no list of objects or lists, and no object of lists of equal length.';
    throw new ProblemsError([problem(problemPath, 'EMPTY_FILE', message, 'Upload a list of objects, or JSON Lines.')]);
  }
  const message = 'The document has rows in several places.';
  throw new ProblemsError([problem(jsonPathPath, 'REQUIRED', message, foundAt(fitting))]);
}

async function tablesOf(file: string): Promise<readonly JsonTable[]> {
  const survey = new JsonSurvey();
  for await (const chunk of chunksOf(file)) survey.push(chunk);
  return survey.finish();
}

function pointerOf(path: JsonTable['path']): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function foundAt(tables: readonly JsonTable[]): string {
  if (tables.length === 0) return 'It has none anywhere.';
  const shown = tables.slice(0, shownTables).map(({ path, rows }) => `“${writePath(path)}” (${rows} rows)`);
  const more = tables.length > shownTables ? ' and elsewhere' : '';
  return `Choose with \`fileOptions: { json: { path: … } }\`: there are some at ${shown.join(', ')}${more}.`;
}

function tableFound({ path, rows, layout }: JsonTable, others: readonly JsonTable[]): FileNotice {
  const where = path.length === 0 ? 'at the root of the document' : `at “${writePath(path)}”`;
  const what = { RECORDS: 'a row for each object', ROWS: 'a row for each list', COLUMNS: 'a column for each list' };
  const more = others.length === 0 ? '' : ` ${foundAt(others)}`;
  return { code: 'ROWS_FOUND', message: `${rows} rows were found ${where}: ${what[layout]}.${more}` };
}
