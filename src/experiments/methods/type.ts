import { createUnionType } from 'type-graphql';
import { byMethod, type RunSpec } from '../../protocol/methods/index.js';
import { InstructionTuningType, toInstructionTuningType } from './instruction-tuning/type.js';
import { LanguageModellingType, toLanguageModellingType } from './language-modelling/type.js';
import { MultiTaskFineTuningType, toMultiTaskType } from './multi-task/type.js';
import { PolicyOptimizationType, toPolicyOptimizationType } from './policy-optimization/type.js';
import { PreferenceOptimizationType, toPreferenceOptimizationType } from './preference-optimization/type.js';
import type { ReferredIds } from './referred.js';
import { RewardModellingType, toRewardModellingType } from './reward-modelling/type.js';
import { SupervisedFineTuningType, toSupervisedType } from './supervised/type.js';

export const TrainingMethod = createUnionType({
  name: 'TrainingMethod',
  description: 'The training method of an experiment, and its heads if it has any.',
  types: () =>
    [
      SupervisedFineTuningType,
      MultiTaskFineTuningType,
      LanguageModellingType,
      InstructionTuningType,
      PolicyOptimizationType,
      RewardModellingType,
      PreferenceOptimizationType,
    ] as const,
});

export function toMethodType(spec: RunSpec, ids: ReferredIds): typeof TrainingMethod {
  const { controlVersionId, referenceModelId } = ids;
  return byMethod<typeof TrainingMethod>(spec, {
    supervised: toSupervisedType,
    multiTask: toMultiTaskType,
    instructionTuning: toInstructionTuningType,
    policyOptimization: (policy) => toPolicyOptimizationType(policy, ids),
    rewardModelling: toRewardModellingType,
    preferenceOptimization: (preferences) => toPreferenceOptimizationType(preferences, referenceModelId),
    languageModelling: (language) => toLanguageModellingType(language, controlVersionId),
  });
}
