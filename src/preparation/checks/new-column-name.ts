import { type InputProblem, problem } from '../../problems/problem.js';

const maxNameLength = 200;

/** What is wrong with the name of a column that a step makes; `taken` are the names of the columns that stay. */
export function checkNewColumnName(name: string, taken: readonly string[], path: readonly string[]): InputProblem[] {
  const invalid = (message: string, hint: string | null = null) => [
    problem(path, 'INVALID_COLUMN_NAME', message, hint),
  ];
  if (name.trim() === '') return invalid('The new column has no name.');
  if (name.length > maxNameLength) return invalid(`A column’s name has at most ${maxNameLength} characters.`);
  if (/\p{Cc}/u.test(name)) return invalid('The name of the new column has a line break or another control character.');
  if (name.toLowerCase().startsWith('__attune_')) return invalid(`The name “${name}” is reserved.`);
  // SQL does not distinguish names by case.
  const same = taken.find((other) => other.toLowerCase() === name.toLowerCase());
  if (same === undefined) return [];
  const hint = same === name ? 'Give another name.' : 'Names that differ only in case count as equal: give another.';
  return invalid(`There is a column “${same}” already.`, hint);
}
