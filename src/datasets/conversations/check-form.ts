import { type InputProblem, problem } from '../../problems/problem.js';
import type { ConversationForm } from '../../protocol/conversation-form.js';
import { checkColumnType, type Version } from '../check-columns.js';

/**
 * Problems of the columns that a form names: they must exist, differ, and hold texts or lists of turns.
 *
 * @param path of the form in the input
 */
export function checkForm(version: Version, form: ConversationForm, path: readonly string[]): InputProblem[] {
  const { kind, ...columns } = form;
  const named = Object.entries(columns).filter((entry): entry is [string, string] => entry[1] !== null);
  return named.flatMap(([field, column], index) => {
    const at = [...path, kind, field];
    const other = named.slice(0, index).find(([, one]) => one === column);
    if (other === undefined)
      return checkColumnType(version, column, field === 'column' ? ['JSON', 'TEXT'] : ['TEXT'], at);
    return [problem(at, 'INVALID_VALUE', `“${column}” is the column of \`${other[0]}\` already.`)];
  });
}
