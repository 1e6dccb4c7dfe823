import { preferenceInputOf } from '../../../datasets/preferences/preference-form.input.js';
import { globalId } from '../../../graphql/global-id.js';
import type { PreferenceOptimizationSpec } from '../../../protocol/methods/index.js';
import type { NamedPreferenceOptimization } from './columns.js';
import { objectiveInputOf } from './objective.js';

/**
 * The input that such a spec comes from. A reference that is the base model is left out: a clone with another base
 * model compares with that.
 * @param referenceModelId row id of the reference; null without one, or where it is the base model
 */
export function preferenceOptimizationInputOf(
  spec: PreferenceOptimizationSpec,
  referenceModelId: string | null,
): NamedPreferenceOptimization {
  const { preference, objective, chatTemplate, unlearnable, templateTime } = spec;
  return {
    preference: preferenceInputOf(preference),
    objective: objectiveInputOf(objective),
    referenceModelId: referenceModelId === null ? null : globalId('BaseModel', referenceModelId),
    chatTemplate,
    unlearnable,
    templateTime: new Date(templateTime),
  };
}
