import { createUnionType } from 'type-graphql';
import { byMethod, type RunSpec } from '../../protocol/methods/index.js';
import { InstructionTuningType, toInstructionTuningType } from './instruction-tuning/type.js';
import { LanguageModellingType, toLanguageModellingType } from './language-modelling/type.js';
import { MultiTaskFineTuningType, toMultiTaskType } from './multi-task/type.js';
import { PolicyOptimizationType, toPolicyOptimizationType } from './policy-optimization/type.js';
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
    ] as const,
});

/** @param controlVersionId row id of the control texts' dataset version; null without any */
export function toMethodType(spec: RunSpec, controlVersionId: string | null): typeof TrainingMethod {
  return byMethod<typeof TrainingMethod>(spec, {
    supervised: toSupervisedType,
    multiTask: toMultiTaskType,
    instructionTuning: toInstructionTuningType,
    policyOptimization: toPolicyOptimizationType,
    rewardModelling: toRewardModellingType,
    languageModelling: (language) => toLanguageModellingType(language, controlVersionId),
  });
}
