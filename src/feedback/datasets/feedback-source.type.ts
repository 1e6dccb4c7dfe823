import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PreparationType } from '../../datasets/preparation/preparation.type.js';
import { resultUnion } from '../../graphql/problem.type.js';
import { BigIntScalar } from '../../graphql/scalars.js';
import {
  type FeedbackReading,
  LeftOutReason,
  leftOutReasons,
  type RecordedReading,
} from '../../protocol/feedback/dataset-rules.js';
import { FeedbackPolicyUnion, toFeedbackPolicyType } from './feedback-policy.type.js';

const LeftOutReasonEnum = LeftOutReason.enum;

registerEnumType(LeftOutReasonEnum, {
  name: 'FeedbackLeftOutReason',
  description: 'Why an item became no row. New reasons may be added.',
  valuesConfig: {
    TOO_FEW_ANSWERS: { description: 'It has fewer answers than `leastAnswers`.' },
    NOT_ADJUDICATED: { description: 'Nobody decided it, as the policy wants.' },
    TIED: { description: 'Several answers have most votes, or are the most probable.' },
    TOO_LITTLE_AGREEMENT: { description: 'Fewer people agree than `leastAgreement` wants.' },
    NOT_SURE_ENOUGH: { description: 'Its likeliest answer is less probable than the policy wants.' },
    NOT_PREDICTED: { description: 'No classifier said anything of it.' },
    NO_PREFERENCE: { description: 'Nothing is better than something else.' },
  },
});

@ObjectType('FeedbackLeftOut', { description: 'How many items became no row for one reason.', simpleResolvers: true })
class FeedbackLeftOutType {
  @Field(() => LeftOutReasonEnum, { description: 'Why.' })
  reason!: LeftOutReason;

  @Field(() => BigIntScalar, { description: 'How many.' })
  count!: number;
}

@ObjectType('FeedbackFigures', {
  description: 'What became of the items. Of rankings each pair of answers counts as one.',
  simpleResolvers: true,
})
class FeedbackFiguresType {
  @Field(() => BigIntScalar, { description: 'Items, without those of gold.' })
  items!: number;

  @Field(() => BigIntScalar, { description: 'Those that became rows.' })
  kept!: number;

  @Field(() => BigIntScalar, { description: 'Rows.' })
  rows!: number;

  @Field(() => [FeedbackLeftOutType], {
    description: 'Those that were left out, by the first reason there was. Reasons without items are left out.',
  })
  leftOut!: FeedbackLeftOutType[];

  @Field(() => BigIntScalar, { description: 'Spans that overlap others that more people marked, and were left out.' })
  overlappingSpans!: number;
}

@ObjectType('FeedbackPersonReading', {
  description: 'A person whose answers became rows, or were decided against.',
  simpleResolvers: true,
})
export class FeedbackPersonReadingType {
  userUuid!: string;

  @Field(() => BigIntScalar, { description: 'Answers of theirs that counted at that time.' })
  answers!: number;
}

@ObjectType('FeedbackTaskReading', {
  description: 'A feedback task whose answers became rows, and how far it was then.',
  simpleResolvers: true,
})
export class FeedbackTaskReadingType {
  taskUuid!: string | null;
  versionUuid!: string;
  projectUuid!: string;
  position!: number;
  place!: number;

  @Field(() => String, { description: "The task's name at that time." })
  name!: string;

  @Field(() => BigIntScalar, { description: 'The last event of its log that was read; answers after it were not.' })
  seq!: number;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Different people whose answers counted at that time; null: the version is older than this field.',
  })
  peopleCount!: number | null;
}

@ObjectType('FeedbackSource', {
  description: 'Of which answers rows were made, and by which rules.',
  simpleResolvers: true,
})
export class FeedbackSourceType {
  versionUuid!: string;
  position!: number;
  /** Of feedback that applications recorded. */
  reading?: RecordedReading;

  @Field(() => FeedbackPolicyUnion, { description: 'How the answers of an item became the value of a row.' })
  policy!: object;

  @Field(() => Float, { nullable: true, description: 'The share of answers that had to agree; null: none had to.' })
  leastAgreement!: number | null;

  @Field(() => Int, { description: 'How many answers an item had to have.' })
  leastAnswers!: number;

  @Field(() => Boolean, { description: 'Whether each answer of a pair is a row of its own.' })
  unpaired!: boolean;

  @Field(() => Boolean, { description: 'Whether corrections are pairs.' })
  correctionPairs!: boolean;

  @Field(() => Boolean, { description: 'Whether pairs that a reward model judged in place of people are rows, too.' })
  modelJudgements!: boolean;

  @Field(() => FeedbackFiguresType, { description: 'What became of the items.' })
  figures!: FeedbackFiguresType;
}

export const createDatasetFromFeedbackResult = resultUnion(
  'CreateDatasetFromFeedbackResult',
  'The queued preparation; or why it was not queued.',
  PreparationType,
);

export function toFeedbackSourceType(
  { rules: { policy, ...rules }, figures, recorded }: Pick<FeedbackReading, 'rules' | 'figures' | 'recorded'>,
  versionUuid: string,
  position: number,
): FeedbackSourceType {
  const reasons = leftOutReasons.filter((reason) => (figures.leftOut[reason] ?? 0) > 0);
  const leftOut = reasons.map((reason) =>
    Object.assign(new FeedbackLeftOutType(), { reason, count: figures.leftOut[reason] }),
  );
  return Object.assign(new FeedbackSourceType(), rules, {
    modelJudgements: rules.modelJudgements ?? false,
    versionUuid,
    position,
    reading: recorded,
    policy: toFeedbackPolicyType(policy),
    figures: Object.assign(new FeedbackFiguresType(), figures, { leftOut }),
  });
}
