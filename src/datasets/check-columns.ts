import { leftOutProblem } from '../preparation/left-out-problem.js';
import { namesHint } from '../problems/closest-name.js';
import { type InputProblem, problem } from '../problems/problem.js';
import type { ColumnType } from '../protocol/datasets/column-type.js';
import type { LeftOutColumn } from '../protocol/datasets/left-out-column.js';
import type { DatasetVersionRow } from './dataset.reads.js';

/** What is checked of a version. */
export interface Version extends Pick<DatasetVersionRow, 'splits'> {
  readonly columns: readonly Pick<DatasetVersionRow['columns'][number], 'name' | 'type'>[];
  readonly leftOutColumns?: readonly LeftOutColumn[];
}

/** Problems of a split that does not exist, or holds no examples. */
export function checkSplit(version: Version, split: string, path: readonly string[]): InputProblem[] {
  const found = version.splits.find(({ name }) => name === split);
  if (found === undefined) {
    const names = version.splits.map(({ name }) => name);
    return [problem(path, 'UNKNOWN_SPLIT', `The dataset version has no split “${split}”.`, namesHint(split, names))];
  }
  if (found.exampleCount > 0) return [];
  return [problem(path, 'EMPTY_SPLIT', `The split “${split}” has no examples.`, 'Choose another split or version.')];
}

/** Problems of a column that does not exist. */
function checkColumn(version: Version, column: string, path: readonly string[]): InputProblem[] {
  if (version.columns.some(({ name }) => name === column)) return [];
  const leftOut = version.leftOutColumns?.find(({ name }) => name === column);
  if (leftOut !== undefined) return [leftOutProblem(leftOut, path)];
  const names = version.columns.map(({ name }) => name);
  return [problem(path, 'UNKNOWN_COLUMN', `The dataset version has no column “${column}”.`, namesHint(column, names))];
}

/** Problems of the column of second texts: it must exist, hold texts, and differ from the first text column. */
export function checkPairColumn(
  version: Version,
  textColumn: string,
  pairColumn: string,
  path: readonly string[],
): InputProblem[] {
  if (pairColumn !== textColumn) return checkTextColumn(version, pairColumn, path);
  const message = 'The second text of a pair can not come from the column of the first.';
  return [problem(path, 'INVALID_VALUE', message, 'For tasks on single texts, leave it out.')];
}

/** Problems of a text column: it must exist, and hold texts or lists of words, which are joined by spaces. */
export function checkTextColumn(version: Version, column: string, path: readonly string[]): InputProblem[] {
  return checkColumnType(version, column, ['TEXT', 'TEXT_LIST'], path);
}

/** Problems of a label column: it must exist, and have one value in each row. Lists have several. */
export function checkLabelColumn(version: Version, column: string, path: readonly string[]): InputProblem[] {
  return checkColumnType(version, column, ['TEXT', 'INTEGER', 'FLOAT', 'BOOLEAN', 'TIMESTAMP', 'JSON'], path);
}

/** Why a column that should hold numbers may hold texts. */
function numbersInText(found: ColumnType, wanted: readonly ColumnType[]): string {
  if (found !== 'TEXT' || !wanted.includes('FLOAT')) return '';
  return ' A column in which one value is no number holds TEXT: mend such values, or leave them empty, and add a version.';
}

/** Problems of a column that does not exist, or has another type than these. */
export function checkColumnType(
  version: Version,
  column: string,
  types: readonly ColumnType[],
  path: readonly string[],
): InputProblem[] {
  const found = version.columns.find(({ name }) => name === column);
  if (found === undefined) return checkColumn(version, column, path);
  if (types.includes(found.type)) return [];
  const fitting = version.columns.filter(({ type }) => types.includes(type)).map(({ name }) => name);
  const wanted = types.length > 3 ? 'one value a row' : types.join(' or ');
  const hint =
    fitting.length === 0
      ? `No column of this version holds ${wanted === 'TEXT' ? 'text' : wanted}.${numbersInText(found.type, types)}`
      : `Columns of ${wanted === 'TEXT' ? 'text' : wanted}: ${fitting.join(', ')}.`;
  return [problem(path, 'WRONG_COLUMN_TYPE', `The column “${column}” holds ${found.type}, not ${wanted}.`, hint)];
}
