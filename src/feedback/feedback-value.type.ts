import { createUnionType, Extensions, Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { feedbackLimits as limits } from '../protocol/feedback/feedback-limits.js';
import type { FeedbackKind, FeedbackQuestion, FeedbackValue, PairwiseOutcome } from '../protocol/feedback.js';

const PairwiseOutcomeEnum = {
  PREFERRED: 'preferred',
  BOTH_GOOD: 'bothGood',
  NEITHER: 'neither',
} as const satisfies Readonly<Record<string, PairwiseOutcome>>;

registerEnumType(PairwiseOutcomeEnum, {
  name: 'PairwiseOutcome',
  description: 'How a comparison of two answers ends.',
  valuesConfig: {
    PREFERRED: { description: '`preferred` is better.' },
    BOTH_GOOD: { description: 'Both are good, and neither is better.' },
    NEITHER: { description: 'Neither is good.' },
  },
});

const pairwise = 'Which of the two answers is better.';
@InputType('PairwiseValueInput', { description: pairwise })
@ObjectType('PairwiseValue', { description: pairwise, simpleResolvers: true })
export class PairwiseValueType {
  @Field(() => PairwiseOutcomeEnum, { defaultValue: 'preferred', description: 'How the comparison ends.' })
  outcome!: PairwiseOutcome;

  @Field(() => String, {
    nullable: true,
    description: 'The key of the better answer, whatever side it stood on; null unless one is preferred.',
  })
  preferred?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How much better it is, from 1 to `strengths` of the question; null unless one is preferred.',
  })
  strength?: number | null;
}

const ranking = 'In what order the answers stand.';
@InputType('RankingValueInput', { description: ranking })
@ObjectType('RankingValue', { description: ranking, simpleResolvers: true })
export class RankingValueType {
  @Field(() => [[String]], {
    description: 'Keys of the answers, the best first: each in one of the lists; those in one list share a rank.',
  })
  ranks!: string[][];
}

const rating = 'A point on the scale.';
@InputType('RatingValueInput', { description: rating })
@ObjectType('RatingValue', { description: rating, simpleResolvers: true })
export class RatingValueType {
  @Field(() => Int, { description: 'The point.' })
  rating!: number;
}

const labels = 'The labels of the text.';
@InputType('LabelsValueInput', { description: labels })
@ObjectType('LabelsValue', { description: labels, simpleResolvers: true })
export class LabelsValueType {
  @Field(() => [String], { description: 'The labels; exactly one, unless the question allows several.' })
  labels!: string[];
}

const span = 'A part of the text with a label.';
@InputType('FeedbackSpanInput', { description: span })
@ObjectType('FeedbackSpan', { description: span, simpleResolvers: true })
export class FeedbackSpanType {
  @Field(() => Int, { description: 'Where it begins, in UTF-16 code units of the text.' })
  start!: number;

  @Field(() => Int, { description: 'The first code unit after it.' })
  end!: number;

  @Field(() => String, { description: 'Its label.' })
  label!: string;
}

const spans = 'The parts of the text that have a label.';
@InputType('SpansValueInput', { description: spans })
@ObjectType('SpansValue', { description: spans, simpleResolvers: true })
export class SpansValueType {
  @Field(() => [FeedbackSpanType], { description: 'The parts; none, if no part has a label.' })
  spans!: FeedbackSpanType[];
}

const correction = 'What the text should be instead.';
@InputType('CorrectionValueInput', { description: correction })
@ObjectType('CorrectionValue', { description: correction, simpleResolvers: true })
export class CorrectionValueType {
  @Field(() => String, { description: 'The corrected text, as a whole.' })
  text!: string;
}

const demonstration = 'A good answer to the prompt.';
@InputType('DemonstrationValueInput', { description: demonstration })
@ObjectType('DemonstrationValue', { description: demonstration, simpleResolvers: true })
export class DemonstrationValueType {
  @Field(() => String, { description: 'The answer.' })
  text!: string;
}

const thumbs = 'Thumb up or down.';
@InputType('ThumbsValueInput', { description: thumbs })
@ObjectType('ThumbsValue', { description: thumbs, simpleResolvers: true })
export class ThumbsValueType {
  @Field(() => Boolean, { description: 'Whether it is good.' })
  up!: boolean;

  @Field(() => String, {
    nullable: true,
    description: `Why, in at most ${limits.maxReasonCharacters} characters; null: it was not said.`,
  })
  reason?: string | null;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What is said of an item: the field of the kind of the question, and no other.' })
export class FeedbackValueInput {
  @Field(() => PairwiseValueType, { nullable: true, description: pairwise })
  pairwise?: PairwiseValueType | null;

  @Field(() => RankingValueType, { nullable: true, description: ranking })
  ranking?: RankingValueType | null;

  @Field(() => RatingValueType, { nullable: true, description: rating })
  rating?: RatingValueType | null;

  @Field(() => LabelsValueType, { nullable: true, description: labels })
  labels?: LabelsValueType | null;

  @Field(() => SpansValueType, { nullable: true, description: spans })
  spans?: SpansValueType | null;

  @Field(() => CorrectionValueType, { nullable: true, description: correction })
  correction?: CorrectionValueType | null;

  @Field(() => DemonstrationValueType, { nullable: true, description: demonstration })
  demonstration?: DemonstrationValueType | null;

  @Field(() => ThumbsValueType, { nullable: true, description: thumbs })
  thumbs?: ThumbsValueType | null;
}

const types = {
  pairwise: PairwiseValueType,
  ranking: RankingValueType,
  rating: RatingValueType,
  labels: LabelsValueType,
  spans: SpansValueType,
  correction: CorrectionValueType,
  demonstration: DemonstrationValueType,
  thumbs: ThumbsValueType,
} as const satisfies Readonly<Record<FeedbackKind, new () => object>>;

export const FeedbackValueUnion = createUnionType({
  name: 'FeedbackValue',
  description: 'What a person said of an item, by the kind of the question. New kinds may be added.',
  types: () =>
    [
      PairwiseValueType,
      RankingValueType,
      RatingValueType,
      LabelsValueType,
      SpansValueType,
      CorrectionValueType,
      DemonstrationValueType,
      ThumbsValueType,
    ] as const,
});
export type FeedbackValueType = typeof FeedbackValueUnion;

export function toFeedbackValueType({ kind, ...value }: FeedbackValue): FeedbackValueType {
  return Object.assign(new types[kind](), value) as FeedbackValueType;
}

/**
 * The value of an input, of which exactly one field is set, as it is stored: a grade that is not asked for is 1, and a
 * reason of white space is none. It is not checked yet.
 */
export function toFeedbackValue(question: FeedbackQuestion, input: FeedbackValueInput): FeedbackValue {
  const { pairwise: pair, thumbs: thumb } = input;
  if (pair != null) {
    const { outcome, preferred = null, strength = null } = pair;
    const isGraded = outcome !== 'preferred' || question.kind !== 'pairwise' || question.strengths > 1;
    return { kind: 'pairwise', outcome, preferred, strength: strength ?? (isGraded ? null : 1) };
  }
  if (thumb != null) {
    const reason = thumb.reason?.trim() ?? '';
    return { kind: 'thumbs', up: thumb.up, reason: reason === '' ? null : reason };
  }
  if (input.spans != null) {
    const given = input.spans.spans.map(({ start, end, label }) => ({ start, end, label }));
    return { kind: 'spans', spans: given };
  }
  const [[kind, value]] = Object.entries(input).filter(([, each]) => each != null) as [[FeedbackKind, object]];
  return { kind, ...value } as FeedbackValue;
}
