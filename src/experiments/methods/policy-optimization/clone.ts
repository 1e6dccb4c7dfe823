import { globalId } from '../../../graphql/global-id.js';
import type { PolicyOptimizationSpec } from '../../../protocol/methods/index.js';
import type { PolicyAlgorithm } from '../../../protocol/methods/policy-optimization.js';
import { inputOfReward } from '../../../rewards/input-of-reward.js';
import type { NamedPolicyOptimization } from './columns.js';
import type { PolicyAlgorithmInput } from './input.js';
import { fieldsOf } from './type.js';

/**
 * The input that such a spec comes from. Its rewards are looked up again when it is filled. A reference that is the
 * base model is left out: a clone with another base model is compared with that.
 *
 * @param referenceModelId row id of the reference; null where it is the base model
 */
export function policyOptimizationInputOf(
  spec: PolicyOptimizationSpec,
  referenceModelId: string | null,
): NamedPolicyOptimization {
  const { promptColumn, systemColumn, samples, maxTokens, temperature, iterations, masksTruncated } = spec;
  return {
    promptColumn,
    systemColumn,
    samples,
    maxTokens,
    temperature,
    iterations,
    masksTruncated,
    heldOutPrompts: spec.heldOutPrompts,
    algorithm: algorithmInputOf(spec.algorithm),
    rewards: spec.rewards.map(inputOfReward),
    controlRewards: spec.controlRewards.map(inputOfReward),
    referenceModelId: referenceModelId === null ? null : globalId('BaseModel', referenceModelId),
    guards: { ...spec.guards },
    planned: null,
  };
}

function algorithmInputOf(algorithm: PolicyAlgorithm): PolicyAlgorithmInput {
  return { [algorithm.kind]: fieldsOf(algorithm) };
}
