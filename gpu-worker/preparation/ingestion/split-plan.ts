import { checkFractions } from '../../../src/preparation/checks/fractions.js';
import { leftOutProblem } from '../../../src/preparation/left-out-problem.js';
import { maxSplits, splitName } from '../../../src/preparation/split-names.js';
import { namesHint } from '../../../src/problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../../../src/problems/problem.js';
import { isListType } from '../../../src/protocol/datasets/column-type.js';
import type { LeftOutColumn } from '../../../src/protocol/datasets/left-out-column.js';
import type { SplitRequest } from '../../../src/protocol/datasets/split-request.js';
import type { StoredSplitPlan } from '../../../src/protocol/datasets/stored-version.js';
import type { StagedColumn } from './staging.js';

/**
 * Checks a request against the file; returns the plan that is stored with the version. Throws ProblemsError with all
 * problems.
 * @param leftOut columns of the file that can not be used
 */
export function toSplitPlan(
  request: SplitRequest,
  columns: readonly StagedColumn[],
  leftOut: readonly LeftOutColumn[] = [],
): StoredSplitPlan {
  const names = columns.map(({ name }) => name);
  const checkColumn = (name: string, path: readonly string[]): InputProblem[] => {
    if (names.includes(name)) return [];
    const found = leftOut.find((column) => column.name === name);
    if (found !== undefined) return [leftOutProblem(found, path)];
    return [problem(path, 'UNKNOWN_COLUMN', `The file has no column “${name}”.`, namesHint(name, names))];
  };

  const checkStratum = (name: string): InputProblem[] => {
    const path = ['split', 'stratifyBy'];
    const type = columns.find((column) => column.name === name)?.type;
    if (type === undefined || !isListType(type)) return checkColumn(name, path);
    const message = `Column “${name}” holds ${type}: its rows have no single value to stratify by.`;
    return [problem(path, 'WRONG_COLUMN_TYPE', message, 'Stratify by a column of single labels, or by none.')];
  };

  if (request.kind === 'column') {
    refuse(checkColumn(request.column, ['splitColumn']));
    return { splitColumn: request.column, fractions: [], seed: null, stratifyBy: null, keepTogether: [] };
  }
  const { fractions, seed, stratifyBy, keepTogether } = request;
  refuse([
    ...checkFractions(fractions, ['split', 'fractions']),
    ...(stratifyBy === null ? [] : checkStratum(stratifyBy)),
    ...keepTogether.flatMap((name, index) => checkColumn(name, ['split', 'keepTogether', String(index)])),
  ]);
  return {
    splitColumn: null,
    fractions,
    seed,
    stratifyBy,
    keepTogether: keepTogether.length > 0 ? [...new Set(keepTogether)] : textsOf(columns),
  };
}

/**
 * The columns by which two rows count as the same text. They include lists of texts, such as words: beside them, the
 * only text column may be a label, and rows of one label must not be kept together.
 */
function textsOf(columns: readonly StagedColumn[]): string[] {
  return columns.filter(({ type }) => type === 'TEXT' || type === 'TEXT_LIST').map(({ name }) => name);
}

/** The split names in a column of the file. Throws ProblemsError when the column can't be a split column. */
export function checkSplitNames(
  column: string,
  values: readonly { readonly value: string | null; readonly rows: number }[],
  path: readonly string[] = ['splitColumn'],
): void {
  const missing = values.find(({ value }) => value === null);
  if (missing !== undefined) {
    refuse([
      problem(
        path,
        'INVALID_VALUE',
        `${missing.rows} rows have no value in column “${column}”.`,
        'Each row needs a split.',
      ),
    ]);
  }
  if (values.length > maxSplits) {
    const message = `Column “${column}” has more than ${maxSplits} different values.`;
    refuse([problem(path, 'INVALID_VALUE', message, 'Does this column really name the splits?')]);
  }
  refuse(
    values
      .filter(({ value }) => !splitName.test(value ?? ''))
      .map(({ value }) =>
        problem(
          path,
          'INVALID_VALUE',
          `“${value}” in column “${column}” cannot name a split.`,
          'Use letters, digits, _ and -.',
        ),
      ),
  );
}

function refuse(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new ProblemsError(problems);
}
