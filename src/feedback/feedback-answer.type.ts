import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.js';
import { globalId } from '../graphql/global-id.js';
import { Node } from '../graphql/node.type.js';
import { resultUnion } from '../graphql/problem.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { FeedbackAnswerChangeRow, FeedbackAnswerRow } from './feedback-answer.reads.js';
import type { PickedBy } from './feedback-claim.reads.js';
import { type FeedbackValueType, FeedbackValueUnion, toFeedbackValueType } from './feedback-value.type.js';

const FeedbackPickEnum = {
  ORDER: 'ORDER',
  RANDOM: 'RANDOM',
  GOLD: 'GOLD',
  REPEAT: 'REPEAT',
} as const satisfies Readonly<Record<string, PickedBy>>;

registerEnumType(FeedbackPickEnum, {
  name: 'FeedbackPick',
  description: 'Why a person was given an item. New reasons may be added.',
  valuesConfig: {
    ORDER: { description: "It was the next in the task's order." },
    RANDOM: { description: 'It was drawn.' },
    GOLD: { description: 'It is a gold item.' },
    REPEAT: { description: 'The person had answered it before.' },
  },
});

@ObjectType('FeedbackAnswerChange', { description: 'What an answer was before it was changed.', simpleResolvers: true })
export class FeedbackAnswerChangeType {
  @Field(() => Int, { description: 'Counts from 1.' })
  number!: number;

  @Field(() => FeedbackValueUnion, { description: 'What was said of the item.' })
  value!: FeedbackValueType;

  @Field(() => String, { nullable: true, description: 'What was added to it; null: nothing.' })
  comment!: string | null;

  @Field(() => DateTime, { description: 'When it was replaced.' })
  changedAt!: Date;
}

@ObjectType('FeedbackAnswer', {
  description: 'What a person said of an item.',
  implements: Node,
  simpleResolvers: true,
})
export class FeedbackAnswerType extends Node {
  uuid!: string;
  projectUuid!: string;
  taskUuid!: string;
  itemUuid!: string;
  claimUuid!: string;
  userUuid!: string;

  @Field(() => FeedbackValueUnion, {
    description: 'What was said. Answers of the item are named by their keys, whatever side they stood on.',
  })
  value!: FeedbackValueType;

  @Field(() => String, { nullable: true, description: 'What the person added; null: nothing.' })
  comment!: string | null;

  @Field(() => [String], { description: "Keys of the item's answers in the order in which the person saw them." })
  shown!: readonly string[];

  @Field(() => Int, { description: 'The version of the instructions that it was given under.' })
  instructionsVersion!: number;

  @Field(() => Float, { description: 'Seconds from the claim to the answer.' })
  seconds!: number;

  @Field(() => Boolean, {
    description: 'Whether the hold had ended, or the task was closed, before the answer came. It is kept all the same.',
  })
  late!: boolean;

  @Field(() => Boolean, {
    description: 'Whether it counts: not to a gold item, nor a repetition, nor after the task was closed.',
  })
  isCounted!: boolean;

  @Field(() => FeedbackPickEnum, { description: 'Why the person was given the item.' })
  picked!: PickedBy;

  @Field(() => Float, {
    description: 'How probable it was that the item was picked, of those that could be at that moment.',
  })
  propensity!: number;

  @Field(() => DateTime, { description: 'When it was given.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was last changed; null: never.' })
  changedAt!: Date | null;
}

export const feedbackAnswers = connectionOf('FeedbackAnswer', 'answers', FeedbackAnswerType);

export const submitFeedbackResult = resultUnion(
  'SubmitFeedbackResult',
  'The answer as it stands; or why it was not taken.',
  FeedbackAnswerType,
);

export function toFeedbackAnswerType(row: FeedbackAnswerRow): FeedbackAnswerType {
  const { id, projectId, taskId, itemId, claimId, userId, value, counts, ...rest } = row;
  return Object.assign(new FeedbackAnswerType(), rest, {
    id: globalId('FeedbackAnswer', id),
    uuid: id,
    projectUuid: projectId,
    taskUuid: taskId,
    itemUuid: itemId,
    claimUuid: claimId,
    userUuid: userId,
    value: toFeedbackValueType(value),
    isCounted: counts,
  });
}

export function toFeedbackAnswerChangeType({ number, value, comment, changedAt }: FeedbackAnswerChangeRow) {
  return Object.assign(new FeedbackAnswerChangeType(), {
    number,
    value: toFeedbackValueType(value),
    comment,
    changedAt,
  });
}
