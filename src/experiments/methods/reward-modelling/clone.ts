import { preferenceInputOf } from '../../../datasets/preferences/preference-form.input.js';
import type { RewardModellingSpec } from '../../../protocol/methods/index.js';
import type { NamedRewardModelling } from './columns.js';

/** The input that such a spec comes from. */
export function rewardModellingInputOf(spec: RewardModellingSpec): NamedRewardModelling {
  const { preference, margin, centring, weighting, chatTemplate, unlearnable, templateTime } = spec;
  return {
    preference: preferenceInputOf(preference),
    margin,
    centring,
    weighting,
    chatTemplate,
    unlearnable,
    templateTime: new Date(templateTime),
  };
}
