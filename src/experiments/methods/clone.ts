import { byMethod, type RunSpec } from '../../protocol/methods/index.js';
import type { NamedMethodInput } from './columns.js';
import { instructionTuningInputOf } from './instruction-tuning/clone.js';
import { languageModellingInputOf } from './language-modelling/clone.js';
import { multiTaskInputOf } from './multi-task/clone.js';
import { policyOptimizationInputOf } from './policy-optimization/clone.js';
import { rewardModellingInputOf } from './reward-modelling/clone.js';
import { supervisedInputOf } from './supervised/clone.js';

/**
 * The input that a spec comes from, with every value explicit.
 * @param controlVersionId row id of the control texts' dataset version; null without any
 */
export function methodInputOf(spec: RunSpec, controlVersionId: string | null): NamedMethodInput {
  return byMethod<NamedMethodInput>(spec, {
    supervised: (supervised) => ({ supervised: supervisedInputOf(supervised) }),
    languageModelling: (language) => ({
      languageModelling: languageModellingInputOf(language, controlVersionId),
    }),
    instructionTuning: (instructions) => ({ instructionTuning: instructionTuningInputOf(instructions) }),
    policyOptimization: (policy) => ({ policyOptimization: policyOptimizationInputOf(policy) }),
    rewardModelling: (rewards) => ({ rewardModelling: rewardModellingInputOf(rewards) }),
    multiTask: (multiTask) => ({ multiTask: multiTaskInputOf(multiTask) }),
  });
}
