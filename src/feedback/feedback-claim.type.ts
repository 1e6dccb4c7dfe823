import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { GenerationPromptType } from '../generations/generation.type.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { FeedbackClaimRow } from './feedback-claim.reads.js';

/** A copy of the states that the table has. */
const FeedbackClaimStateEnum = { CLAIMED: 'CLAIMED', ANSWERED: 'ANSWERED', SKIPPED: 'SKIPPED' } as const;

registerEnumType(FeedbackClaimStateEnum, {
  name: 'FeedbackClaimState',
  description: 'What became of a claim.',
  valuesConfig: {
    CLAIMED: { description: 'It is neither answered nor skipped.' },
    ANSWERED: { description: 'It is answered.' },
    SKIPPED: { description: 'It was skipped: the item went to others.' },
  },
});

const NothingToClaimEnum = { NOTHING_LEFT: 'NOTHING_LEFT', ALL_HELD: 'ALL_HELD', CLOSED: 'CLOSED' } as const;
export type NothingToClaim = keyof typeof NothingToClaimEnum;

registerEnumType(NothingToClaimEnum, {
  name: 'NothingToClaim',
  description: 'Why there is no item at this moment.',
  valuesConfig: {
    NOTHING_LEFT: { description: 'Every item that still needs answers had been given to this person before.' },
    ALL_HELD: { description: 'Others hold the items that are left: some may come back.' },
    CLOSED: { description: 'The task is closed, for good: nobody is asked any more.' },
  },
});

@ObjectType('ShownAnswer', { description: 'An answer as people see it who judge it.', simpleResolvers: true })
export class ShownAnswerType {
  @Field(() => String, { description: 'Names it in what is said of it.' })
  key!: string;

  @Field(() => String, { description: 'Its text.' })
  text!: string;
}

@ObjectType('ShownItem', { description: 'An item as people see it who answer it.', simpleResolvers: true })
export class ShownItemType {
  @Field(() => GenerationPromptType, { nullable: true, description: 'What was asked for; null: nothing.' })
  prompt!: GenerationPromptType | null;

  @Field(() => String, { nullable: true, description: 'The text that the question is about; null: it has answers.' })
  text!: string | null;

  @Field(() => [ShownAnswerType], { description: 'The answers, in the order that was drawn for this person.' })
  answers!: ShownAnswerType[];
}

@ObjectType('FeedbackClaim', {
  description:
    'An item that a person was given: it is held until `expiresAt`, unless it is answered or skipped before.',
  implements: Node,
  simpleResolvers: true,
})
export class FeedbackClaimType extends Node {
  uuid!: string;
  projectUuid!: string;
  taskUuid!: string;
  itemUuid!: string;
  userUuid!: string;
  instructionsVersion!: number;
  shown!: readonly string[];

  @Field(() => FeedbackClaimStateEnum, { description: 'What became of it.' })
  state!: FeedbackClaimRow['state'];

  @Field(() => DateTime, { description: 'When the item was claimed, or claimed again after the hold had ended.' })
  claimedAt!: Date;

  @Field(() => DateTime, {
    description: 'Until then nobody else gets the item in place of this person. An answer after it is kept, too.',
  })
  expiresAt!: Date;

  @Field(() => Boolean, { description: 'Whether the hold has ended, and it is neither answered nor skipped.' })
  isExpired!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it was skipped; null: it was not.' })
  skipReason!: string | null;

  @Field(() => String, { nullable: true, description: 'What is wrong with the item, if this person flagged it.' })
  flagReason!: string | null;
}

@ObjectType('ClaimedFeedbackItem', {
  description: 'The item that a person gets, if there is one.',
  simpleResolvers: true,
})
export class ClaimedFeedbackItemType {
  @Field(() => FeedbackClaimType, { nullable: true, description: 'The claim; null: there is no item at this moment.' })
  claim!: FeedbackClaimType | null;

  @Field(() => NothingToClaimEnum, { nullable: true, description: 'Why there is none; null: there is one.' })
  nothing!: NothingToClaim | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the first hold of others ends, if they hold all that is left: it may be worth asking again.',
  })
  askAgainAt!: Date | null;

  @Field(() => Int, { description: 'How many items this person has answered in the task, gold items included.' })
  answered!: number;
}

export const claimFeedbackItemResult = resultUnion(
  'ClaimFeedbackItemResult',
  'The item, if there is one; or why the task gives out none.',
  ClaimedFeedbackItemType,
);
export const skipFeedbackItemResult = resultUnion(
  'SkipFeedbackItemResult',
  'The claim; or why the item was not skipped.',
  FeedbackClaimType,
);
export const flagFeedbackItemResult = resultUnion(
  'FlagFeedbackItemResult',
  'The claim; or why the item was not flagged.',
  FeedbackClaimType,
);

export function toFeedbackClaimType(row: FeedbackClaimRow): FeedbackClaimType {
  const { id, projectId, taskId, itemId, userId } = row;
  const { state, shown, instructionsVersion, claimedAt, expiresAt, isExpired, skipReason, flagReason } = row;
  return Object.assign(new FeedbackClaimType(), {
    id: globalId('FeedbackClaim', id),
    uuid: id,
    projectUuid: projectId,
    taskUuid: taskId,
    itemUuid: itemId,
    userUuid: userId,
    state,
    shown,
    instructionsVersion,
    claimedAt,
    expiresAt,
    isExpired,
    skipReason,
    flagReason,
  });
}
