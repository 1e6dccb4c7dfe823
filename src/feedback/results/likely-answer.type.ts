import { ArgsType, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf, PageArgs } from '../../graphql/connection.js';
import type { LikelyAnswer, LikelyMethod } from './statistics/likely.js';

const LikelyMethodEnum = {
  MAJORITY: 'MAJORITY',
  ONE_COIN: 'ONE_COIN',
  CONFUSION: 'CONFUSION',
  CROWDLAB: 'CROWDLAB',
} as const satisfies Readonly<Record<LikelyMethod, LikelyMethod>>;
registerEnumType(LikelyMethodEnum, {
  name: 'LikelyAnswerMethod',
  description: 'How the likeliest answers are found. New methods may be added.',
  valuesConfig: {
    MAJORITY: { description: 'What most people said; the probability is the share of votes.' },
    ONE_COIN: {
      description:
        "Dawid and Skene's model with one accuracy for each person. Where people gave few answers, or few items have two, its probabilities are too high, and it may be wrong more often than MAJORITY.",
    },
    CONFUSION: {
      description:
        "Dawid and Skene's model with a matrix of errors for each person. Where people gave few answers, or few items have two, its probabilities are too high, and it may be wrong more often than MAJORITY.",
    },
    CROWDLAB: {
      description:
        'People and the classifier that the items were made of the predictions of, each weighted by how seldom it errs. Of LABELS with one label; items without a prediction are left out.',
    },
  },
});

@ArgsType()
export class LikelyAnswersArgs extends PageArgs {
  @Field(() => LikelyMethodEnum, {
    nullable: true,
    description:
      'How they are found. Default: MAJORITY where fewer than half of the items have two answers; else ONE_COIN where the median person gave fewer than 20 answers, and CONFUSION otherwise; of rankings, several labels and spans MAJORITY, the only one there.',
  })
  method?: LikelyMethod | null;
}

@ObjectType('FeedbackLikelyAnswer', { description: 'What is likely right of an item.', simpleResolvers: true })
export class FeedbackLikelyAnswerType {
  itemUuid!: string;

  @Field(() => LikelyMethodEnum, { description: 'How it was found.' })
  method!: LikelyMethod;

  @Field(() => String, {
    nullable: true,
    description:
      'The likeliest answer, written as `settledCategory` of the item is; null: several have as many votes, and nothing else decides.',
  })
  category!: string | null;

  @Field(() => Float, { description: 'Its probability; 1 of what was adjudicated, of a majority the share of votes.' })
  probability!: number;

  @Field(() => Boolean, { description: 'Whether it was adjudicated.' })
  adjudicated!: boolean;

  @Field(() => String, { nullable: true, description: 'What most people said; null: several have as many votes.' })
  majority!: string | null;

  @Field(() => Float, { description: 'The share of votes for it.' })
  majorityShare!: number;

  @Field(() => Int, { description: 'Answers to the item.' })
  answerCount!: number;
}

export const likelyAnswers = connectionOf('FeedbackLikelyAnswer', 'likely answers', FeedbackLikelyAnswerType);

export function toLikelyAnswerType({ item, isKnown, ...rest }: LikelyAnswer, method: LikelyMethod) {
  return Object.assign(new FeedbackLikelyAnswerType(), { itemUuid: item, adjudicated: isKnown, method, ...rest });
}
