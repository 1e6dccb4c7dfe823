import { createUnionType, Extensions, Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { feedbackLimits as limits } from '../protocol/feedback/feedback-limits.js';
import type { FeedbackKind, FeedbackQuestion } from '../protocol/feedback.js';

type QuestionOf<Kind extends FeedbackKind> = Omit<Extract<FeedbackQuestion, { readonly kind: Kind }>, 'kind'>;

export const FeedbackKindEnum = {
  PAIRWISE: 'pairwise',
  RANKING: 'ranking',
  RATING: 'rating',
  LABELS: 'labels',
  SPANS: 'spans',
  CORRECTION: 'correction',
  DEMONSTRATION: 'demonstration',
  THUMBS: 'thumbs',
} as const satisfies Readonly<Record<string, FeedbackKind>>;

registerEnumType(FeedbackKindEnum, {
  name: 'FeedbackKind',
  description: 'What people are asked. New kinds may be added.',
  valuesConfig: {
    PAIRWISE: { description: 'Which of two answers is better; both may be good, or neither.' },
    RANKING: { description: 'In what order several answers stand.' },
    RATING: { description: 'A point on a scale.' },
    LABELS: { description: 'One label of a text, or several.' },
    SPANS: { description: 'Parts of a text, each with a label.' },
    CORRECTION: { description: 'A better form of a text.' },
    DEMONSTRATION: { description: 'What a good answer to a prompt is.' },
    THUMBS: { description: 'Whether something is good, and why.' },
  },
});

const pairwise = 'Which of two answers is better. Both may be good, or neither.';
@InputType('PairwiseQuestionInput', { description: pairwise })
@ObjectType('PairwiseQuestion', { description: pairwise, simpleResolvers: true })
export class PairwiseQuestionType implements QuestionOf<'pairwise'> {
  @Field(() => Int, {
    defaultValue: 1,
    description: `How many grades there are of how much better it is, from 1 to ${limits.maxStrengths}; 1: it is not asked.`,
  })
  strengths!: number;
}

const ranking = 'In what order the answers stand, the best first.';
@InputType('RankingQuestionInput', { description: ranking })
@ObjectType('RankingQuestion', { description: ranking, simpleResolvers: true })
export class RankingQuestionType implements QuestionOf<'ranking'> {
  @Field(() => Boolean, { defaultValue: false, description: 'Whether answers may share a rank.' })
  tiesAllowed!: boolean;
}

const rating = 'A whole number on a scale.';
@InputType('RatingQuestionInput', { description: rating })
@ObjectType('RatingQuestion', { description: rating, simpleResolvers: true })
export class RatingQuestionType implements QuestionOf<'rating'> {
  @Field(() => Int, { defaultValue: 1, description: 'The least point.' })
  from!: number;

  @Field(() => Int, {
    defaultValue: 5,
    description: `The greatest point; the scale has at most ${limits.maxRatings} points.`,
  })
  to!: number;

  @Field(() => [String], {
    defaultValue: [],
    description: 'What the points are called, from the least on: a name for each, or none.',
  })
  labels!: string[];
}

const labels = 'Which label a text has, or which ones.';
@InputType('LabelsQuestionInput', { description: labels })
@ObjectType('LabelsQuestion', { description: labels, simpleResolvers: true })
export class LabelsQuestionType implements QuestionOf<'labels'> {
  @Field(() => [String], {
    description: `The labels: from 2 to ${limits.maxClasses} different ones of at most ${limits.maxNameCharacters} characters.`,
  })
  classes!: string[];

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether a text may have several labels, or none; else it has exactly one.',
  })
  several!: boolean;
}

const spans = 'Which parts of a text have a label.';
@InputType('SpansQuestionInput', { description: spans })
@ObjectType('SpansQuestion', { description: spans, simpleResolvers: true })
export class SpansQuestionType implements QuestionOf<'spans'> {
  @Field(() => [String], {
    description: `The labels: from 1 to ${limits.maxClasses} different ones of at most ${limits.maxNameCharacters} characters.`,
  })
  labels!: string[];
}

const correction = 'What the text should be instead.';
@InputType('CorrectionQuestionInput', { description: correction })
@ObjectType('CorrectionQuestion', { description: correction, simpleResolvers: true })
export class CorrectionQuestionType implements QuestionOf<'correction'> {
  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether the text as it is may be the answer: nothing is wrong with it.',
  })
  mayBeUnchanged!: boolean;
}

const demonstration = 'What a good answer to the prompt is.';
@InputType('DemonstrationQuestionInput', { description: demonstration })
@ObjectType('DemonstrationQuestion', { description: demonstration, simpleResolvers: true })
export class DemonstrationQuestionType implements QuestionOf<'demonstration'> {
  @Field(() => Int, {
    defaultValue: 1,
    description: 'Characters of an answer at least, white space at its ends left out.',
  })
  minCharacters!: number;
}

const thumbs = 'Whether something is good: thumb up or down.';
@InputType('ThumbsQuestionInput', { description: thumbs })
@ObjectType('ThumbsQuestion', { description: thumbs, simpleResolvers: true })
export class ThumbsQuestionType implements QuestionOf<'thumbs'> {
  @Field(() => Boolean, { defaultValue: false, description: 'Whether a reason has to be given.' })
  reasonRequired!: boolean;
}

@Extensions({ oneOf: true })
@InputType({ description: 'What people are asked of each item: exactly one of the fields.' })
export class FeedbackQuestionInput {
  @Field(() => PairwiseQuestionType, { nullable: true, description: pairwise })
  pairwise?: PairwiseQuestionType | null;

  @Field(() => RankingQuestionType, { nullable: true, description: ranking })
  ranking?: RankingQuestionType | null;

  @Field(() => RatingQuestionType, { nullable: true, description: rating })
  rating?: RatingQuestionType | null;

  @Field(() => LabelsQuestionType, { nullable: true, description: labels })
  labels?: LabelsQuestionType | null;

  @Field(() => SpansQuestionType, { nullable: true, description: spans })
  spans?: SpansQuestionType | null;

  @Field(() => CorrectionQuestionType, { nullable: true, description: correction })
  correction?: CorrectionQuestionType | null;

  @Field(() => DemonstrationQuestionType, { nullable: true, description: demonstration })
  demonstration?: DemonstrationQuestionType | null;

  @Field(() => ThumbsQuestionType, { nullable: true, description: thumbs })
  thumbs?: ThumbsQuestionType | null;
}

const types = {
  pairwise: PairwiseQuestionType,
  ranking: RankingQuestionType,
  rating: RatingQuestionType,
  labels: LabelsQuestionType,
  spans: SpansQuestionType,
  correction: CorrectionQuestionType,
  demonstration: DemonstrationQuestionType,
  thumbs: ThumbsQuestionType,
} as const satisfies Readonly<Record<FeedbackKind, new () => object>>;

export const FeedbackQuestionUnion = createUnionType({
  name: 'FeedbackQuestion',
  description: 'What people are asked of each item of a task. New kinds may be added.',
  types: () =>
    [
      PairwiseQuestionType,
      RankingQuestionType,
      RatingQuestionType,
      LabelsQuestionType,
      SpansQuestionType,
      CorrectionQuestionType,
      DemonstrationQuestionType,
      ThumbsQuestionType,
    ] as const,
});
export type FeedbackQuestionType = typeof FeedbackQuestionUnion;

export function toFeedbackQuestionType({ kind, ...question }: FeedbackQuestion): FeedbackQuestionType {
  return Object.assign(new types[kind](), question) as FeedbackQuestionType;
}

/** The question of an input, of which exactly one field is set. */
export function toFeedbackQuestion(input: FeedbackQuestionInput): FeedbackQuestion {
  const [[kind, question]] = Object.entries(input).filter(([, each]) => each != null) as [[FeedbackKind, object]];
  return { kind, ...question } as FeedbackQuestion;
}
