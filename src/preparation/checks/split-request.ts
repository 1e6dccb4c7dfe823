import { namesHint } from '../../problems/closest-name.js';
import { type InputProblem, problem } from '../../problems/problem.js';
import { isListType } from '../../protocol/datasets/column-type.js';
import type { LeftOutColumn } from '../../protocol/datasets/left-out-column.js';
import type { SplitRequest } from '../../protocol/datasets/split-request.js';
import { leftOutProblem } from '../left-out-problem.js';
import { checkFractions } from './fractions.js';
import type { StepColumn } from './named-columns.js';

/**
 * What is wrong with how rows should get their splits; paths begin at `split` or `splitColumn`.
 * @param columns of the rows; null: not known yet, and names of columns are not checked
 * @param leftOut columns that rows have and that can not be used
 */
export function checkSplitRequest(
  request: SplitRequest,
  columns: readonly StepColumn[] | null,
  leftOut: readonly LeftOutColumn[] = [],
): InputProblem[] {
  const checkColumn = (name: string, path: readonly string[]): InputProblem[] => {
    if (columns === null || columns.some((column) => column.name === name)) return [];
    const found = leftOut.find((column) => column.name === name);
    if (found !== undefined) return [leftOutProblem(found, path)];
    const names = columns.map((column) => column.name);
    return [problem(path, 'UNKNOWN_COLUMN', `The rows have no column “${name}”.`, namesHint(name, names))];
  };

  const checkStratum = (name: string): InputProblem[] => {
    const path = ['split', 'stratifyBy'];
    const type = columns?.find((column) => column.name === name)?.type;
    if (type === undefined || !isListType(type)) return checkColumn(name, path);
    const message = `Column “${name}” holds ${type}: its rows have no single value to stratify by.`;
    return [problem(path, 'WRONG_COLUMN_TYPE', message, 'Stratify by a column of single labels, or by none.')];
  };

  if (request.kind === 'column') return checkColumn(request.column, ['splitColumn']);
  const { fractions, stratifyBy, keepTogether } = request;
  return [
    ...checkFractions(fractions, ['split', 'fractions']),
    ...(stratifyBy === null ? [] : checkStratum(stratifyBy)),
    ...keepTogether.flatMap((name, index) => checkColumn(name, ['split', 'keepTogether', String(index)])),
  ];
}
