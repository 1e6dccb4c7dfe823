import { preferencesByRoles } from '../../../datasets/preferences/form-by-roles.js';
import { type PreferenceFormInput, preferenceInputOf } from '../../../datasets/preferences/preference-form.input.js';
import { withPromptByRole } from '../../../datasets/preferences/prompt-by-role.js';
import type { ColumnSources, Filled } from '../filled.js';
import type { RewardModellingInput } from './input.js';

/** The input with the form of its judgements. */
export interface NamedRewardModelling extends Omit<RewardModellingInput, 'preference'> {
  readonly preference: PreferenceFormInput;
}

export function fillRewardModelling(
  input: RewardModellingInput,
  { version }: Pick<ColumnSources, 'version'>,
): Filled<NamedRewardModelling> {
  const { preference } = input;
  const path = ['method', 'rewardModelling', 'preference'];
  if (preference != null) {
    const { problems, chosen, ...named } = withPromptByRole(preference, version, path);
    return { input: problems.length > 0 ? null : { ...input, ...named }, chosen, problems };
  }
  const { form, chosen, problems } = preferencesByRoles(version, ['pairs', 'thumbs', 'rated'], path);
  return { input: form === null ? null : { ...input, preference: preferenceInputOf(form) }, chosen, problems };
}
