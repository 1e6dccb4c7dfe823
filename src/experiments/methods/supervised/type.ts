import { Field, ObjectType } from 'type-graphql';
import type { SupervisedSpec } from '../../../protocol/methods/index.js';
import { ClassWeightsType, formerFieldsOf, TrainedHeadType, toHeadType, useHead } from '../../heads/type.js';

@ObjectType('SupervisedFineTuning', { description: 'One head on the encoder.', simpleResolvers: true })
export class SupervisedFineTuningType {
  @Field(() => String, { description: 'Column of the texts.' })
  textColumn!: string;

  @Field(() => String, { nullable: true, description: 'Column of the second texts; null for a task on single texts.' })
  textPairColumn!: string | null;

  @Field(() => TrainedHeadType, {
    description: 'What the experiment predicts. The first target column is the name of the task.',
  })
  head!: TrainedHeadType;

  @Field(() => String, {
    description: "The first of the head's target columns, which is also the name of the task.",
    ...useHead,
  })
  labelColumn!: string;

  @Field(() => [String], {
    description: 'The labels, in the order of the logits; empty for a head of numbers.',
    ...useHead,
  })
  labels!: readonly string[];

  @Field(() => ClassWeightsType, { description: 'How much an example counts, by its label.', ...useHead })
  classWeights!: ClassWeightsType;
}

export function toSupervisedType({ textColumn, pairColumn, head }: SupervisedSpec): SupervisedFineTuningType {
  return Object.assign(new SupervisedFineTuningType(), {
    textColumn,
    textPairColumn: pairColumn,
    head: toHeadType(head),
    ...formerFieldsOf(head),
  });
}
