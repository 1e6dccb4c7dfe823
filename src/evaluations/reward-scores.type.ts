import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import type { RewardScores } from '../protocol/evaluation-scores.js';
import { HeadScoresType } from './head-scores.type.js';

const ChosenLengthEnum = { SHORTER: 'shorter', ALIKE: 'alike', LONGER: 'longer' } as const;

registerEnumType(ChosenLengthEnum, {
  name: 'ChosenLength',
  description: 'How long the better answer of a pair is beside the other one.',
  valuesConfig: {
    SHORTER: { description: 'It is shorter by more than a tenth of the longer one.' },
    ALIKE: { description: 'Both are as long, within a tenth of the longer one.' },
    LONGER: { description: 'It is longer by more than a tenth of it.' },
  },
});

@ObjectType('RewardAccuracyByLength', {
  description: 'How often a reward model is right on pairs whose better answer is shorter, as long, or longer.',
  simpleResolvers: true,
})
class RewardAccuracyByLengthType {
  @Field(() => ChosenLengthEnum, { description: 'How long the better answer is.' })
  chosenIs!: RewardScores['byLength'][number]['chosenIs'];

  @Field(() => Int, { description: 'Such pairs.' })
  pairs!: number;

  @Field(() => Int, { description: 'Those of them whose better answer has the higher reward.' })
  right!: number;

  @Field(() => Number, { nullable: true, description: 'Their share, from 0 to 1; null without such pairs.' })
  accuracy!: number | null;

  @Field(() => Number, {
    nullable: true,
    description: 'Lower end of its interval of 95 %, over prompts; null as above.',
  })
  low!: number | null;

  @Field(() => Number, { nullable: true, description: 'Upper end of it; null as above.' })
  high!: number | null;
}

@ObjectType('ConfidenceBin', {
  description: 'Pairs that a reward model is about as sure of.',
  simpleResolvers: true,
})
class ConfidenceBinType {
  @Field(() => Number, { description: 'The least confidence, from 0.5 to 1.' })
  from!: number;

  @Field(() => Number, { description: 'The most.' })
  to!: number;

  @Field(() => BigIntScalar, { description: 'Pairs.' })
  count!: number;

  @Field(() => Number, { nullable: true, description: 'Their mean confidence; null without a pair.' })
  confidence!: number | null;

  @Field(() => Number, { nullable: true, description: 'Share of them that are right; null without a pair.' })
  accuracy!: number | null;
}

@ObjectType('RewardScores', {
  description: 'Scores of a reward model on pairs of answers, of which one is better. Rewards are outputs of the head.',
  implements: HeadScoresType,
  simpleResolvers: true,
})
export class RewardScoresType extends HeadScoresType {
  @Field(() => BigIntScalar, { description: 'Different answers in the pairs.' })
  textCount!: number;

  @Field(() => Int, { description: 'Pairs whose better answer has the higher reward.' })
  right!: number;

  @Field(() => Int, { description: 'Pairs of equal rewards, which are not right.' })
  ties!: number;

  @Field(() => Number, { description: 'Share of right pairs, from 0 to 1; guesses come to 0.5.' })
  accuracy!: number;

  @Field(() => Number, {
    description: 'Lower end of its interval of 95 %, over prompts: pairs of one prompt count as dependent.',
  })
  low!: number;

  @Field(() => Number, { description: 'Upper end of it.' })
  high!: number;

  @Field(() => Number, { description: 'Mean difference of the rewards of a pair, the better answer’s first.' })
  margin!: number;

  @Field(() => Number, { description: 'Mean reward of the better answers.' })
  chosenReward!: number;

  @Field(() => Number, { description: 'Mean reward of the others.' })
  rejectedReward!: number;

  @Field(() => Number, { description: 'Standard deviation of the rewards of all answers.' })
  standardDeviation!: number;

  @Field(() => Number, {
    description:
      'Expected calibration error, from 0 to 1: how far the confidence σ(|difference|) is from the share of right pairs, on average over bins.',
  })
  calibrationError!: number;

  @Field(() => [ConfidenceBinType], { description: 'Ten bins of confidence, the least sure first.' })
  confidenceBins!: readonly ConfidenceBinType[];

  @Field(() => Number, {
    nullable: true,
    description:
      "Spearman's correlation of the rewards and the characters of the answers, from -1 to 1; null where either are all equal.",
  })
  lengthCorrelation!: number | null;

  @Field(() => [RewardAccuracyByLengthType], { description: 'By how long the better answer is beside the other.' })
  byLength!: readonly RewardAccuracyByLengthType[];

  @Field(() => BigIntScalar, { description: 'Rows that say nothing to compare.' })
  leftOutCount!: number;

  @Field(() => BigIntScalar, { description: 'Answers that were cut, with their prompts.' })
  truncatedCount!: number;
}

export function toRewardScoresType({ interval, calibration, ...scores }: RewardScores): RewardScoresType {
  return Object.assign(new RewardScoresType(), scores, interval, {
    calibrationError: calibration.error,
    confidenceBins: calibration.bins,
    baselines: [],
    unknownLabelCount: 0,
    unknownLabels: [],
  });
}
