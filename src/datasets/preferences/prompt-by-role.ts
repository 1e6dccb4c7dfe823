import type { InputProblem } from '../../problems/problem.js';
import type { VersionRoles } from '../../protocol/preparation/assigned-roles.js';
import { type ChosenColumn, columnByRole, columnsWithRole } from '../columns-by-role.js';
import type { PreferenceFormInput } from './preference-form.input.js';

/** A form whose column of prompts is known. */
export interface WithPrompt {
  readonly preference: PreferenceFormInput;
  readonly chosen: readonly ChosenColumn[];
  readonly problems: readonly InputProblem[];
}

/**
 * The form that an input names. Where it leaves out the column of prompts, that is the column with the role PROMPT, if
 * there is one; null says that there is none.
 *
 * @param path of the form in the input
 */
export function withPromptByRole(
  preference: PreferenceFormInput,
  version: { readonly roles: VersionRoles },
  path: readonly string[],
): WithPrompt {
  const { pairs, thumbs } = preference;
  const kind = pairs != null ? 'pairs' : 'thumbs';
  const form = pairs ?? thumbs ?? null;
  const taken: string[] = Object.values(form ?? {}).filter((column) => typeof column === 'string');
  const none = { preference, chosen: [], problems: [] };
  if (form === null || form.promptColumn !== undefined) return none;
  if (columnsWithRole(version, ['PROMPT'], taken).length === 0) return none;
  const field = { what: 'the column of the prompts', path: [...path, kind, 'promptColumn'] };
  const { chosen, problems } = columnByRole(version, ['PROMPT'], field, taken);
  if (chosen === null) return { ...none, problems };
  return { preference: { [kind]: { ...form, promptColumn: chosen.column } }, chosen: [chosen], problems };
}
