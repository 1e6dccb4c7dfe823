import { preferencesByRoles } from '../../../datasets/preferences/form-by-roles.js';
import { type PreferenceFormInput, preferenceInputOf } from '../../../datasets/preferences/preference-form.input.js';
import { withPromptByRole } from '../../../datasets/preferences/prompt-by-role.js';
import type { PreferenceForm } from '../../../protocol/preference-form.js';
import type { ColumnSources, Filled } from '../filled.js';
import type { PreferenceOptimizationInput } from './input.js';

/** The input with the form of its judgements. */
export interface NamedPreferenceOptimization extends Omit<PreferenceOptimizationInput, 'preference'> {
  readonly preference: PreferenceFormInput;
}

/** The forms that an objective learns from; those of any where none is named. */
function formsFor({ objective }: PreferenceOptimizationInput): readonly PreferenceForm['kind'][] {
  if (objective == null) return ['pairs', 'thumbs', 'rated'];
  return objective.kto == null ? ['pairs', 'rated'] : ['thumbs', 'pairs'];
}

export function fillPreferenceOptimization(
  input: PreferenceOptimizationInput,
  { version }: Pick<ColumnSources, 'version'>,
): Filled<NamedPreferenceOptimization> {
  const { preference } = input;
  const path = ['method', 'preferenceOptimization', 'preference'];
  if (preference != null) {
    const { problems, chosen, ...named } = withPromptByRole(preference, version, path);
    return { input: problems.length > 0 ? null : { ...input, ...named }, chosen, problems };
  }
  const { form, chosen, problems } = preferencesByRoles(version, formsFor(input), path);
  return { input: form === null ? null : { ...input, preference: preferenceInputOf(form) }, chosen, problems };
}
