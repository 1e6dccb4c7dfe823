import { checkSplitRequest } from '../../../src/preparation/checks/split-request.js';
import { maxSplits, splitName } from '../../../src/preparation/split-names.js';
import { type InputProblem, ProblemsError, problem } from '../../../src/problems/problem.js';
import type { LeftOutColumn } from '../../../src/protocol/datasets/left-out-column.js';
import type { SplitRequest } from '../../../src/protocol/datasets/split-request.js';
import type { StoredSplitPlan } from '../../../src/protocol/datasets/stored-version.js';
import { counted } from '../wording.js';
import type { StagedColumn } from './staging.js';

/**
 * Checks a request against the rows; returns the plan that is stored with the version. Throws ProblemsError with all
 * problems.
 * @param leftOut columns of the rows' sources that can not be used
 */
export function toSplitPlan(
  request: SplitRequest,
  columns: readonly StagedColumn[],
  leftOut: readonly LeftOutColumn[] = [],
): StoredSplitPlan {
  refuse(checkSplitRequest(request, columns, leftOut));
  if (request.kind === 'column') {
    return { splitColumn: request.column, fractions: [], seed: null, stratifyBy: null, keepTogether: [] };
  }
  const { fractions, seed, stratifyBy, keepTogether } = request;
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
        `${counted(missing.rows, 'row has', 'rows have')} no value in column “${column}”.`,
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
