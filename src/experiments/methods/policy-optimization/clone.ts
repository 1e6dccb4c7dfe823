import { preferenceInputOf } from '../../../datasets/preferences/preference-form.input.js';
import { globalId } from '../../../graphql/global-id.js';
import type { PolicyOptimizationSpec } from '../../../protocol/methods/index.js';
import type { PolicyAlgorithm } from '../../../protocol/methods/policy-optimization.js';
import { inputOfReward } from '../../../rewards/input-of-reward.js';
import type { ReferredIds } from '../referred.js';
import type { NamedPolicyOptimization } from './columns.js';
import type { PolicyAlgorithmInput } from './input.js';
import { fieldsOf } from './type.js';

/**
 * The input that such a spec comes from. Its rewards are looked up again when it is filled. A reference that is the
 * base model is left out: a clone with another base model is compared with that.
 *
 * @param controlVersionId row id of the dataset version of the judged answers; null without any
 * @param referenceModelId row id of the reference; null where it is the base model
 */
export function policyOptimizationInputOf(
  spec: PolicyOptimizationSpec,
  { controlVersionId, referenceModelId }: ReferredIds,
): NamedPolicyOptimization {
  const { controlPreferences } = spec;
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
    controlPreferences:
      controlPreferences === null || controlVersionId === null
        ? null
        : {
            datasetVersionId: globalId('DatasetVersion', controlVersionId),
            split: controlPreferences.split,
            preference: preferenceInputOf(controlPreferences.preference),
            pairs: controlPreferences.pairs,
          },
    referenceModelId: referenceModelId === null ? null : globalId('BaseModel', referenceModelId),
    guards: { ...spec.guards },
    planned: null,
  };
}

function algorithmInputOf(algorithm: PolicyAlgorithm): PolicyAlgorithmInput {
  return { [algorithm.kind]: fieldsOf(algorithm) };
}
