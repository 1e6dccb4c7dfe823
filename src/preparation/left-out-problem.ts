import { type InputProblem, problem } from '../problems/problem.js';
import { type LeftOutColumn, leftOutCodes } from '../protocol/datasets/left-out-column.js';

/** The problem of a column that the file has, and that was left out. */
export function leftOutProblem({ name, code }: LeftOutColumn, path: readonly string[]): InputProblem {
  const message = `The column “${name}” of the file was left out: ${uncapitalized(leftOutCodes[code])}`;
  return problem(path, 'UNKNOWN_COLUMN', message, 'Store text as strings in UTF-8, and upload the file again.');
}

function uncapitalized(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}
