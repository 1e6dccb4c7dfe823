import { Field, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import { AveragedScoresType, HeadScoresType } from './head-scores.type.js';

@ObjectType('LabelScores', {
  description:
    'Scores of one label of a multi-label task: they compare the examples that have it with those that do not.',
  simpleResolvers: true,
})
export class LabelScoresType {
  @Field(() => String, { description: 'The label.' })
  label!: string;

  @Field(() => Number, { description: 'The label is predicted from this probability on; from 0 to 1.' })
  threshold!: number;

  @Field(() => Number, {
    description: 'Share of the examples it was predicted for that have it; 0 when there are none.',
  })
  precision!: number;

  @Field(() => Number, {
    description: 'Share of the examples that have it for which it was predicted; 0 when there are none.',
  })
  recall!: number;

  @Field(() => Number, { description: 'Harmonic mean of precision and recall; 0 when both are 0.' })
  f1!: number;

  @Field(() => Number, {
    description:
      'Area under precision over recall as steps, from 0 to 1: it says how well probabilities rank the examples, whatever the threshold. 0 for a label that no example has.',
  })
  averagePrecision!: number;

  @Field(() => BigIntScalar, { description: 'Examples that have it.' })
  support!: number;

  @Field(() => BigIntScalar, { description: 'Examples that it was predicted for.' })
  predicted!: number;

  @Field(() => BigIntScalar, { description: 'Examples that have it, and that it was predicted for.' })
  truePositives!: number;

  @Field(() => BigIntScalar, { description: 'Examples without it that it was predicted for.' })
  falsePositives!: number;

  @Field(() => BigIntScalar, { description: 'Examples that have it, and that it was not predicted for.' })
  falseNegatives!: number;

  @Field(() => BigIntScalar, { description: 'Examples without it that it was not predicted for.' })
  trueNegatives!: number;
}

@ObjectType('AveragePrecision', {
  description: 'Area under precision over recall as steps, from 0 to 1. It needs no threshold.',
  simpleResolvers: true,
})
export class AveragePrecisionType {
  @Field(() => Number, { description: 'Every label counts the same.' })
  macro!: number;

  @Field(() => Number, { description: 'All decisions over examples and labels are ranked together.' })
  micro!: number;
}

@ObjectType('MultiLabelScores', {
  description: 'Scores of one multi-label task. A ratio of nothing to nothing counts as 0.',
  implements: HeadScoresType,
  simpleResolvers: true,
})
export class MultiLabelScoresType extends HeadScoresType {
  @Field(() => Number, { description: 'Share of the examples all of whose labels are predicted right, from 0 to 1.' })
  subsetAccuracy!: number;

  @Field(() => Number, {
    description: 'Share of wrong decisions among those over all examples and labels, from 0 to 1.',
  })
  hammingLoss!: number;

  @Field(() => AveragedScoresType, { description: 'Computed over the decisions of all examples and labels together.' })
  micro!: AveragedScoresType;

  @Field(() => AveragedScoresType, { description: 'Every label counts the same.' })
  macro!: AveragedScoresType;

  @Field(() => AveragedScoresType, { description: 'Labels count by their support.' })
  weighted!: AveragedScoresType;

  @Field(() => AveragedScoresType, {
    description: 'Computed over the labels of each example, then averaged over the examples.',
  })
  samples!: AveragedScoresType;

  @Field(() => AveragePrecisionType, {
    description: 'How well probabilities rank the examples, whatever the thresholds.',
  })
  averagePrecision!: AveragePrecisionType;

  @Field(() => [LabelScoresType], { description: 'One for each label, in the order of the logits.' })
  perLabel!: LabelScoresType[];
}
