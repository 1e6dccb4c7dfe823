import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf, PageArgs } from '../../graphql/connection.js';
import { resultUnion } from '../../graphql/problem.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { feedbackLimits } from '../../protocol/feedback/feedback-limits.js';
import { FeedbackItemType, toFeedbackItemType } from '../feedback-item.type.js';
import {
  FeedbackValueInput,
  type FeedbackValueType,
  FeedbackValueUnion,
  toFeedbackValueType,
} from '../feedback-value.type.js';
import type { AdjudicationRow, DisputeReason, DisputeRow, VotesRow } from './dispute.reads.js';

const DisputeReasonEnum = {
  UNSURE: 'UNSURE',
  DISAGREEMENT: 'DISAGREEMENT',
  FLAGGED: 'FLAGGED',
} as const satisfies Readonly<Record<DisputeReason, DisputeReason>>;
registerEnumType(DisputeReasonEnum, {
  name: 'FeedbackDisputeReason',
  description: 'Why somebody should decide what is right of an item. New reasons may be added.',
  valuesConfig: {
    UNSURE: { description: 'It has all answers that it gets, and the likeliest is less probable than `sureAt`.' },
    DISAGREEMENT: { description: 'It has all answers that it needs, and they differ.' },
    FLAGGED: { description: 'Somebody said that something is wrong with it.' },
  },
});

@ArgsType()
export class DisputesArgs extends PageArgs {
  @Field(() => [DisputeReasonEnum], { nullable: true, description: 'Only for one of these reasons. Default: any.' })
  reasons?: DisputeReason[] | null;
}

@ObjectType('FeedbackVotes', { description: 'How often something was said of an item.', simpleResolvers: true })
export class FeedbackVotesType {
  @Field(() => String, { description: 'What was said, written as `settledCategory` of the item is.' })
  category!: string;

  @Field(() => Int, { description: 'How many people said it.' })
  count!: number;
}

@ObjectType('FeedbackDispute', { description: 'An item of which somebody should decide what is right.' })
export class FeedbackDisputeType {
  itemUuid!: string;

  @Field(() => FeedbackItemType, { description: 'The item.', simple: true })
  item!: FeedbackItemType;

  @Field(() => [DisputeReasonEnum], { description: 'Why, at least one reason.', simple: true })
  reasons!: DisputeReason[];
}

export const disputes = connectionOf('FeedbackDispute', 'items in dispute', FeedbackDisputeType);

@ObjectType('FeedbackAdjudication', { description: 'What was decided of an item.', simpleResolvers: true })
export class FeedbackAdjudicationType {
  userUuid!: string | null;

  @Field(() => Int, { description: 'Counts from 1 within the item.' })
  number!: number;

  @Field(() => FeedbackValueUnion, { description: 'What is right.' })
  value!: FeedbackValueType;

  @Field(() => String, { nullable: true, description: 'Why; null: it was not said.' })
  comment!: string | null;

  @Field(() => DateTime, { description: 'When it was decided.' })
  decidedAt!: Date;
}

@InputType({ description: 'What is right of an item.' })
export class AdjudicateFeedbackItemInput {
  @Field(() => ID, { description: 'The item, which is none of gold.' })
  itemId!: string;

  @Field(() => FeedbackValueInput, { description: 'What is right.' })
  value!: FeedbackValueInput;

  @Field(() => String, {
    nullable: true,
    description: `Why, in at most ${feedbackLimits.maxReasonCharacters} characters.`,
  })
  comment?: string | null;
}

export const adjudicateFeedbackItemResult = resultUnion(
  'AdjudicateFeedbackItemResult',
  'The item with the decision; or why there is none.',
  FeedbackItemType,
);

export function toDisputeType({ isUnsure, isFlagged, differs, ...item }: DisputeRow): FeedbackDisputeType {
  const reasons: DisputeReason[] = [
    ...(isUnsure ? (['UNSURE'] as const) : []),
    ...(differs ? (['DISAGREEMENT'] as const) : []),
    ...(isFlagged ? (['FLAGGED'] as const) : []),
  ];
  return Object.assign(new FeedbackDisputeType(), { itemUuid: item.id, item: toFeedbackItemType(item), reasons });
}

export function toVotesType({ category, count }: VotesRow): FeedbackVotesType {
  return Object.assign(new FeedbackVotesType(), { category, count });
}

export function toAdjudicationType({ number, value, comment, decidedBy, decidedAt }: AdjudicationRow) {
  return Object.assign(new FeedbackAdjudicationType(), {
    userUuid: decidedBy,
    number,
    value: toFeedbackValueType(value),
    comment,
    decidedAt,
  });
}
