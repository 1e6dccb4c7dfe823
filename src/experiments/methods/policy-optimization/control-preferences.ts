import { checkSplit } from '../../../datasets/check-columns.js';
import type { ChosenColumn } from '../../../datasets/columns-by-role.js';
import { checkPreferenceForm } from '../../../datasets/preferences/check-form.js';
import { preferencesByRoles } from '../../../datasets/preferences/form-by-roles.js';
import {
  type PreferenceFormInput,
  preferenceInputOf,
  toPreferenceForm,
} from '../../../datasets/preferences/preference-form.input.js';
import { withPromptByRole } from '../../../datasets/preferences/prompt-by-role.js';
import { type InputProblem, problem } from '../../../problems/problem.js';
import type { ColumnSources } from '../filled.js';
import type { ControlRequest } from '../request.js';
import type { ControlPreferencesInput } from './input.js';

/** Judged answers that a policy is held against, with the form of their judgements. */
export interface NamedControlPreferences extends Omit<ControlPreferencesInput, 'preference'> {
  readonly preference: PreferenceFormInput;
}

const path = ['method', 'policyOptimization', 'controlPreferences'];

/** Names how rows hold judgements, by the roles of their version; null, with problems, where these do not say. */
export function fillControlPreferences(
  control: ControlPreferencesInput,
  version: NonNullable<ColumnSources['control']>,
): {
  readonly control: NamedControlPreferences | null;
  readonly chosen: readonly ChosenColumn[];
  readonly problems: readonly InputProblem[];
} {
  const at = [...path, 'preference'];
  if (control.preference != null) {
    const { preference, chosen, problems } = withPromptByRole(control.preference, version, at);
    return { control: problems.length > 0 ? null : { ...control, preference }, chosen, problems };
  }
  const { form, chosen, problems } = preferencesByRoles(version, ['pairs', 'rated'], at);
  return { control: form === null ? null : { ...control, preference: preferenceInputOf(form) }, chosen, problems };
}

/** What is asked of the version of judged answers. */
export function requestControlPreferences({ split, preference }: NamedControlPreferences): ControlRequest {
  const form = toPreferenceForm(preference);
  return {
    check: (version) => [
      ...checkSplit(version, split, [...path, 'split']),
      ...checkPreferenceForm(version, form, [...path, 'preference']),
    ],
  };
}

/** The problems of an input, whatever the data: thumbs are of answers to different prompts, which make no pairs. */
export function checkControlPreferences({ preference, pairs }: NamedControlPreferences): InputProblem[] {
  const problems: InputProblem[] = [];
  if (preference.thumbs != null) {
    const message = 'Answers with thumbs make no pairs of answers to the same prompt.';
    problems.push(problem([...path, 'preference', 'thumbs'], 'INVALID_VALUE', message, 'Give `pairs` or `rated`.'));
  }
  if (pairs < 2 || pairs > 4096) {
    const message = `From 2 to 4096 pairs of judged answers are read, not ${pairs}.`;
    problems.push(problem([...path, 'pairs'], 'INVALID_VALUE', message, 'Leave `pairs` out: 512 are read then.'));
  }
  return problems;
}
