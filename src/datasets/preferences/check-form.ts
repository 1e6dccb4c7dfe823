import { type InputProblem, problem } from '../../problems/problem.js';
import type { ColumnType } from '../../protocol/datasets/column-type.js';
import type { PreferenceForm } from '../../protocol/preference-form.js';
import { checkColumnType, type Version } from '../check-columns.js';

const answers: readonly ColumnType[] = ['TEXT', 'JSON'];
const numbers: readonly ColumnType[] = ['FLOAT', 'INTEGER'];

const typesOf: Readonly<Record<string, readonly ColumnType[]>> = {
  promptColumn: answers,
  chosenColumn: answers,
  rejectedColumn: answers,
  completionColumn: answers,
  strengthColumn: numbers,
  probabilityColumn: numbers,
  ratingColumn: numbers,
  thumbColumn: ['BOOLEAN', 'INTEGER', 'TEXT'],
};

/**
 * Problems of the columns that a form names: they must exist, differ, and hold what they are named for.
 *
 * @param path of the form in the input
 */
export function checkPreferenceForm(version: Version, form: PreferenceForm, path: readonly string[]): InputProblem[] {
  const { kind, ...columns } = form;
  const named = Object.entries(columns).filter((entry): entry is [string, string] => entry[1] !== null);
  return named.flatMap(([field, column], index) => {
    const at = [...path, kind, field];
    const other = named.slice(0, index).find(([, one]) => one === column);
    if (other === undefined) return checkColumnType(version, column, typesOf[field]!, at);
    return [problem(at, 'INVALID_VALUE', `“${column}” is the column of \`${other[0]}\` already.`)];
  });
}
