import { join } from 'node:path';
import { ProblemsError } from '../../../src/problems/problem.js';
import { checkTally } from './check-tally.js';
import { maxColumns, tooManyColumns } from './column-names.js';
import { rewriteFile } from './file-passes.js';
import { JsonLinesScanner } from './json-lines-scanner.js';
import { stageObjects } from './stage-objects.js';
import { maxRowBytes, type Stage } from './staging.js';

/** Stages JSON Lines. */
export const stageJsonLines: Stage = async (database, { path, options, folder, problemPath }, tally) => {
  const rewritten = join(folder, 'rows.jsonl');
  const settings = {
    maxRowBytes,
    maxKeys: maxColumns,
    lists: options.listColumns,
    flatten: options.json?.flatten ?? false,
  };
  const scanner = new JsonLinesScanner(settings, tally);
  await rewriteFile(path, rewritten, scanner, () => scanner.hasTooManyKeys());
  if (scanner.hasTooManyKeys()) throw new ProblemsError([tooManyColumns(problemPath)]);
  checkTally(tally, problemPath);
  return stageObjects(database, rewritten, scanner.keys, options.listColumns, tally, problemPath);
};
