import type { NamedMethodInput } from './columns.js';
import { byMethodInput } from './input.js';
import { requestInstructionTuning } from './instruction-tuning/resolve.js';
import { requestLanguageModelling } from './language-modelling/resolve.js';
import { requestMultiTask } from './multi-task/resolve.js';
import { requestPolicyOptimization } from './policy-optimization/resolve.js';
import { requestPreferenceOptimization } from './preference-optimization/resolve.js';
import type { MethodRequest } from './request.js';
import { requestRewardModelling } from './reward-modelling/resolve.js';
import { requestSupervised } from './supervised/resolve.js';

/** The request of an input whose columns are all named, whatever its method. */
export function methodRequest(method: NamedMethodInput): MethodRequest {
  return byMethodInput(method, {
    supervised: requestSupervised,
    multiTask: requestMultiTask,
    languageModelling: requestLanguageModelling,
    instructionTuning: requestInstructionTuning,
    policyOptimization: requestPolicyOptimization,
    rewardModelling: requestRewardModelling,
    preferenceOptimization: requestPreferenceOptimization,
  });
}
