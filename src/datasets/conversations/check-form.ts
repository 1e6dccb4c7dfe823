import type { InputProblem } from '../../problems/problem.js';
import type { ConversationForm } from '../../protocol/conversation-form.js';
import { checkColumnType, type Version } from '../check-columns.js';

/**
 * Problems of the columns that a form names: they must exist, and hold texts or lists of turns.
 *
 * @param path of the form in the input
 */
export function checkForm(version: Version, form: ConversationForm, path: readonly string[]): InputProblem[] {
  const { kind, ...columns } = form;
  return Object.entries(columns).flatMap(([field, column]) =>
    column === null
      ? []
      : checkColumnType(version, column, field === 'column' ? ['JSON', 'TEXT'] : ['TEXT'], [...path, kind, field]),
  );
}
