import { join } from 'node:path';
import { conllColumnsPath } from '../../../src/preparation/check-file-options.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import { identifier } from '../../../src/storage/duckdb.js';
import { checkTally } from './check-tally.js';
import { checkColumnNames } from './column-names.js';
import { ConllScanner } from './conll-scanner.js';
import { rewriteFile } from './file-passes.js';
import { readRewritten } from './read-rewritten.js';
import { maxRowBytes, type Stage, stagedName } from './staging.js';

/** Stages CoNLL: a row for each sentence, and a column of lists of texts for each column that the options choose. */
export const stageConll: Stage = async (database, { path, options, folder, problemPath }, tally) => {
  const { conll } = options;
  if (conll === null) throw new Error('a CoNLL file is read without its columns');
  const names = conll.columns.map(({ name }) => name);
  const problems = checkColumnNames(names, conllColumnsPath);
  if (problems.length > 0) throw new ProblemsError(problems);
  const rewritten = join(folder, 'rows.jsonl');
  await rewriteFile(path, rewritten, new ConllScanner({ ...conll, columnName: stagedName, maxRowBytes }, tally));
  checkTally(tally, problemPath);
  await readRewritten(
    database,
    rewritten,
    names.map(() => 'TEXT_LIST'),
  );
  return names.map((name, index) => ({ name, type: 'TEXT_LIST', expression: identifier(stagedName(index)) }));
};
