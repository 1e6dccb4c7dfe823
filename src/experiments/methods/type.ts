import { createUnionType } from 'type-graphql';
import { byMethod, type RunSpec } from '../../protocol/methods/index.js';
import { MultiTaskFineTuningType, toMultiTaskType } from './multi-task/type.js';
import { SupervisedFineTuningType, toSupervisedType } from './supervised/type.js';

export const TrainingMethod = createUnionType({
  name: 'TrainingMethod',
  description: 'The training method of an experiment, and its heads.',
  types: () => [SupervisedFineTuningType, MultiTaskFineTuningType] as const,
});

export function toMethodType(spec: RunSpec): typeof TrainingMethod {
  return byMethod<typeof TrainingMethod>(spec, { supervised: toSupervisedType, multiTask: toMultiTaskType });
}
