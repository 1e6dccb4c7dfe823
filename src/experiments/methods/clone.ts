import { byMethod, type RunSpec } from '../../protocol/methods/index.js';
import type { NamedMethodInput } from './columns.js';
import { instructionTuningInputOf } from './instruction-tuning/clone.js';
import { languageModellingInputOf } from './language-modelling/clone.js';
import { multiTaskInputOf } from './multi-task/clone.js';
import { policyOptimizationInputOf } from './policy-optimization/clone.js';
import { preferenceOptimizationInputOf } from './preference-optimization/clone.js';
import type { ReferredIds } from './referred.js';
import { rewardModellingInputOf } from './reward-modelling/clone.js';
import { supervisedInputOf } from './supervised/clone.js';

/** The input that a spec comes from, with every value explicit. */
export function methodInputOf(spec: RunSpec, ids: ReferredIds): NamedMethodInput {
  const { controlVersionId, referenceModelId } = ids;
  return byMethod<NamedMethodInput>(spec, {
    supervised: (supervised) => ({ supervised: supervisedInputOf(supervised) }),
    languageModelling: (language) => ({
      languageModelling: languageModellingInputOf(language, controlVersionId),
    }),
    instructionTuning: (instructions) => ({ instructionTuning: instructionTuningInputOf(instructions) }),
    policyOptimization: (policy) => ({
      policyOptimization: policyOptimizationInputOf(policy, ids),
    }),
    rewardModelling: (rewards) => ({ rewardModelling: rewardModellingInputOf(rewards) }),
    preferenceOptimization: (preferences) => ({
      preferenceOptimization: preferenceOptimizationInputOf(preferences, referenceModelId),
    }),
    multiTask: (multiTask) => ({ multiTask: multiTaskInputOf(multiTask) }),
  });
}
