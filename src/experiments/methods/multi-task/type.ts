import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { MultiTaskSpec } from '../../../protocol/methods/index.js';
import { ClassWeightsType, formerFieldsOf, TrainedHeadType, toHeadType, useHead } from '../../heads/type.js';

@ObjectType('Task', { description: 'One of several tasks that share an encoder.', simpleResolvers: true })
export class TaskType {
  @Field(() => String, { description: 'Name of the task, which is part of metric keys, e.g. validation/<name>/f1.' })
  name!: string;

  @Field(() => TrainedHeadType, { description: 'What the task predicts.' })
  head!: TrainedHeadType;

  @Field(() => String, {
    description: "The first of the task's target columns. Examples without a target are masked in its loss.",
    ...useHead,
  })
  labelColumn!: string;

  @Field(() => [String], {
    description: 'The labels, in the order of the logits; empty for a head of numbers.',
    ...useHead,
  })
  labels!: readonly string[];

  @Field(() => Number, { description: "Weight of the task's loss; without effect when the weights are learnt." })
  weight!: number;

  @Field(() => ClassWeightsType, { description: 'How much an example counts, by its label.', ...useHead })
  classWeights!: ClassWeightsType;
}

export const LossWeightingEnum = { FIXED: 'fixed', UNCERTAINTY: 'uncertainty' } as const;

registerEnumType(LossWeightingEnum, {
  name: 'LossWeighting',
  description: "How the tasks' losses are combined.",
  valuesConfig: {
    FIXED: { description: 'A sum with the given weights.' },
    UNCERTAINTY: {
      description: 'The weights are learnt from homoscedastic uncertainty (Kendall, Gal & Cipolla 2018).',
    },
  },
});

@ObjectType('MultiTaskFineTuning', {
  description: 'Several predictions for the same texts: one shared encoder, one linear head each.',
  simpleResolvers: true,
})
export class MultiTaskFineTuningType {
  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of the second texts; null for a task on single texts.' })
  textPairColumn!: string | null;

  @Field(() => [TaskType], { description: 'The tasks, at least two.' })
  tasks!: TaskType[];

  @Field(() => LossWeightingEnum, { description: "How the tasks' losses are combined." })
  lossWeighting!: MultiTaskSpec['lossWeighting'];
}

export function toMultiTaskType(spec: MultiTaskSpec): MultiTaskFineTuningType {
  const { textColumn, pairColumn, lossWeighting } = spec;
  return Object.assign(new MultiTaskFineTuningType(), {
    textColumn,
    textPairColumn: pairColumn,
    tasks: spec.tasks.map(({ name, weight, head }) => ({
      name,
      weight,
      head: toHeadType(head),
      ...formerFieldsOf(head),
    })),
    lossWeighting,
  });
}
