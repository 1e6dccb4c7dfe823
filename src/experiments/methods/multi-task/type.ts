import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { MultiTaskSpec } from '../../../protocol/methods/index.js';
import { ClassWeightsType, formerFieldsOf, TrainedHeadType, toHeadType, useHead } from '../../heads/type.js';

@ObjectType('Task', { description: 'One of several tasks that share an encoder.', simpleResolvers: true })
export class TaskType {
  @Field(() => String, { description: 'Part of metric keys, e.g. validation/<name>/f1.' })
  name!: string;

  @Field(() => TrainedHeadType, { description: 'What it predicts.' })
  head!: TrainedHeadType;

  @Field(() => String, {
    description: 'First of its target columns. Examples without a target are masked in its loss.',
    ...useHead,
  })
  labelColumn!: string;

  @Field(() => [String], {
    description: 'Its labels, in the order of the logits; empty for a head of numbers.',
    ...useHead,
  })
  labels!: readonly string[];

  @Field(() => Number, { description: 'Weight of its loss; without effect when the weights are learnt.' })
  weight!: number;

  @Field(() => ClassWeightsType, { description: 'How much an example counts, by its label.', ...useHead })
  classWeights!: ClassWeightsType;
}

export const LossWeightingEnum = { FIXED: 'fixed', UNCERTAINTY: 'uncertainty' } as const;

registerEnumType(LossWeightingEnum, {
  name: 'LossWeighting',
  description: "How the tasks' losses are put together.",
  valuesConfig: {
    FIXED: { description: 'A sum weighted as given.' },
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

  @Field(() => [TaskType], { description: 'At least two.' })
  tasks!: TaskType[];

  @Field(() => LossWeightingEnum, { description: 'How their losses are put together.' })
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
