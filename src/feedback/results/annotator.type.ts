import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { AnnotatorFlagKind } from '../../statistics/annotators/annotator-flags.js';
import type { AnnotatorMeasures, Share } from '../../statistics/annotators/measure-annotators.js';

const AnnotatorFlagKindEnum = {
  FASTER_THAN_READING: 'FASTER_THAN_READING',
  CONSTANT_SIDE: 'CONSTANT_SIDE',
  CONSTANT_LABEL: 'CONSTANT_LABEL',
} as const satisfies Readonly<Record<AnnotatorFlagKind, AnnotatorFlagKind>>;
registerEnumType(AnnotatorFlagKindEnum, {
  name: 'FeedbackAnnotatorFlagKind',
  description:
    "What about a person's answers asks for a look. Nothing is removed because of it. New kinds may be added.",
  valuesConfig: {
    FASTER_THAN_READING: { description: 'More than half of the answers took less time than reading does.' },
    CONSTANT_SIDE: { description: 'All preferences are for the answer on one side.' },
    CONSTANT_LABEL: { description: 'All answers are the same, and those of others are not.' },
  },
});

const notYet = 'Null for annotators until the task is closed.';

@ObjectType('FeedbackShare', { description: 'A share of some tries, with an interval of 95 %.', simpleResolvers: true })
class FeedbackShareType {
  @Field(() => Int, { description: 'Of how many tries it holds.' })
  count!: number;

  @Field(() => Int, { description: 'How many tries there were.' })
  of!: number;

  @Field(() => Float, { nullable: true, description: 'The share; of gold items the mean of its posterior.' })
  share!: number | null;

  @Field(() => Float, { nullable: true, description: 'Lower end of the interval; null: nothing was tried.' })
  lower!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end of the interval.' })
  upper!: number | null;
}

@ObjectType('FeedbackAnnotatorFlag', { description: 'What asks for a look.', simpleResolvers: true })
class FeedbackAnnotatorFlagType {
  @Field(() => AnnotatorFlagKindEnum, { description: 'What it is, for programs.' })
  kind!: AnnotatorFlagKind;

  @Field(() => Int, { description: 'Of how many answers it holds.' })
  count!: number;

  @Field(() => Int, { description: 'Of how many it could hold.' })
  of!: number;

  @Field(() => String, { description: 'The same in one sentence.' })
  text!: string;
}

@ObjectType('FeedbackAnnotator', { description: "What a person's answers to a task tell.", simpleResolvers: true })
export class FeedbackAnnotatorType {
  userUuid!: string;

  @Field(() => Int, { description: 'Answers, those to gold items and repetitions included.' })
  answerCount!: number;

  @Field(() => Float, { nullable: true, description: 'The median time from claim to answer.' })
  medianSeconds!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: `How often others gave the same answer, over pairs; null: nobody did, or answers are texts. ${notYet}`,
  })
  agreement!: number | null;

  @Field(() => Int, { nullable: true, description: `Items that others answered, too. ${notYet}` })
  sharedItems!: number | null;

  @Field(() => FeedbackShareType, {
    nullable: true,
    description: `How often the answer to a gold item was right: Beta(1 + right, 1 + wrong). Decide by \`lower\`. ${notYet}`,
  })
  gold!: FeedbackShareType | null;

  @Field(() => FeedbackShareType, {
    description: "How often the preferred answer was the first on the screen. Wilson's interval.",
  })
  firstShown!: FeedbackShareType;

  @Field(() => FeedbackShareType, {
    nullable: true,
    description: `How often the answer to an item was the same when it was asked again. Wilson's interval. ${notYet}`,
  })
  selfConsistency!: FeedbackShareType | null;

  @Field(() => [FeedbackAnnotatorFlagType], {
    nullable: true,
    description: `What asks for a look; of ten answers or more. ${notYet}`,
  })
  flags!: FeedbackAnnotatorFlagType[] | null;
}

/**
 * What an annotator sees of themselves while answers can still be changed: nothing that would tell which items are of
 * gold, or are asked again, and what the right answer is.
 */
export function toOwnAnnotatorType(measures: AnnotatorMeasures): FeedbackAnnotatorType {
  const hidden = { agreement: null, sharedItems: null, gold: null, selfConsistency: null, flags: null };
  return Object.assign(toFeedbackAnnotatorType(measures), hidden);
}

export function toFeedbackAnnotatorType(measures: AnnotatorMeasures): FeedbackAnnotatorType {
  const { annotator, answerCount, agreement, gold, left, selfConsistency, medianLatencyMs, flags } = measures;
  const tries = gold.right + gold.wrong;
  const known = tries > 0;
  return Object.assign(new FeedbackAnnotatorType(), {
    userUuid: annotator,
    answerCount,
    medianSeconds: medianLatencyMs === null ? null : medianLatencyMs / 1000,
    agreement: agreement.share,
    sharedItems: agreement.unitCount,
    gold: Object.assign(new FeedbackShareType(), {
      count: gold.right,
      of: tries,
      share: known ? gold.mean : null,
      lower: known ? gold.low : null,
      upper: known ? gold.high : null,
    }),
    firstShown: toShareType(left),
    selfConsistency: toShareType(selfConsistency),
    flags: flags.map((flag) => Object.assign(new FeedbackAnnotatorFlagType(), flag)),
  });
}

function toShareType({ count, of, share, interval }: Share): FeedbackShareType {
  const ends = { lower: interval?.low ?? null, upper: interval?.high ?? null };
  return Object.assign(new FeedbackShareType(), { count, of, share, ...ends });
}
