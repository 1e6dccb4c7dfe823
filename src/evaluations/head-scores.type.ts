import { Field, InterfaceType, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import { HeadKindEnum } from '../models/model-head.type.js';
import type { HeadKind } from '../protocol/heads.js';

@InterfaceType('HeadScores', { description: 'Scores of one task, by the kind of its head.' })
export abstract class HeadScoresType {
  @Field(() => String, { description: 'Name of the task, which is the name of its head.' })
  task!: string;

  @Field(() => HeadKindEnum, { description: 'What the head predicts.' })
  kind!: HeadKind;

  @Field(() => BigIntScalar, {
    description: 'Examples scored: those with a target in at least one of the columns.',
  })
  exampleCount!: number;

  @Field(() => Number, {
    description:
      'Mean loss: cross-entropy in nats; for a regression, mean squared error on the standardized scale that the head learns on.',
  })
  loss!: number;
}

@ObjectType('AveragedScores', {
  description: 'Precision, recall and F1 averaged over the classes.',
  simpleResolvers: true,
})
export class AveragedScoresType {
  @Field(() => Number, { description: 'From 0 to 1.' })
  precision!: number;

  @Field(() => Number, { description: 'From 0 to 1.' })
  recall!: number;

  @Field(() => Number, { description: 'From 0 to 1.' })
  f1!: number;
}
