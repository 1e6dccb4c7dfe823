import { Field, Int, ObjectType } from 'type-graphql';
import { BigIntScalar } from '../graphql/scalars.js';
import type { PreferenceScores } from '../protocol/evaluation-scores.js';
import { HeadScoresType } from './head-scores.type.js';

@ObjectType('ImplicitRewardScores', {
  description:
    'How often the implicit reward of a language model, β · ln of the ratio of its probability of an answer to that of the reference, prefers the better answer of a pair.',
  simpleResolvers: true,
})
class ImplicitRewardScoresType {
  @Field(() => Int, { description: 'Pairs whose better answer has the higher reward.' })
  right!: number;

  @Field(() => Int, {
    description: 'Pairs of equal rewards, which are not right: all, where both models are the same.',
  })
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

  @Field(() => Number, {
    description: 'Mean −ln σ of that difference, in nats: the loss of DPO. ln 2 without a difference.',
  })
  loss!: number;

  @Field(() => Number, { description: 'The β of the rewards.' })
  beta!: number;

  @Field(() => Number, {
    description:
      'Mean over the tokens of all answers of half the squared ln of the ratio of probabilities, in nats: how far the model is from the reference on them.',
  })
  divergence!: number;
}

@ObjectType('PreferenceScores', {
  description:
    'Scores of a language model on pairs of answers, of which one is better: by the mean ln of the probability of an answer’s tokens, and by its implicit reward where there is a reference.',
  implements: HeadScoresType,
  simpleResolvers: true,
})
export class PreferenceScoresType extends HeadScoresType {
  @Field(() => Int, { description: 'Pairs whose better answer has the likelier tokens.' })
  right!: number;

  @Field(() => Int, { description: 'Pairs of equal ones, which are not right.' })
  ties!: number;

  @Field(() => Number, { description: 'Share of right pairs, from 0 to 1; guesses come to 0.5.' })
  accuracy!: number;

  @Field(() => Number, {
    description: 'Lower end of its interval of 95 %, over prompts: pairs of one prompt count as dependent.',
  })
  low!: number;

  @Field(() => Number, { description: 'Upper end of it.' })
  high!: number;

  @Field(() => Number, {
    description:
      'Mean difference of a pair in the mean ln of the probability of a token, in nats, the better answer’s first.',
  })
  margin!: number;

  @Field(() => Number, { description: 'Mean ln of the probability of a token over the better answers, in nats.' })
  chosenLogProbability!: number;

  @Field(() => Number, { description: 'The same over the other answers.' })
  rejectedLogProbability!: number;

  @Field(() => ImplicitRewardScoresType, {
    nullable: true,
    description: 'By the implicit reward; null without a reference.',
  })
  byReference!: ImplicitRewardScoresType | null;

  @Field(() => BigIntScalar, { description: 'Rows that say nothing to compare.' })
  leftOutCount!: number;

  @Field(() => BigIntScalar, { description: 'Answers that were cut, with their prompts.' })
  truncatedCount!: number;
}

export function toPreferenceScoresType({ interval, byReference, ...scores }: PreferenceScores): PreferenceScoresType {
  return Object.assign(new PreferenceScoresType(), scores, interval, {
    byReference: byReference && Object.assign(new ImplicitRewardScoresType(), byReference, byReference.interval),
    baselines: [],
    unknownLabelCount: 0,
    unknownLabels: [],
  });
}
