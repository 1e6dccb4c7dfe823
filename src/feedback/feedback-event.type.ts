import { createUnionType, Field, Int, InterfaceType, ObjectType } from 'type-graphql';
import { BigIntScalar, DateTime } from '../graphql/scalars.js';
import type { FeedbackCloseReason, FeedbackTaskStatus } from '../protocol/feedback.js';
import type { StoredFeedbackEvent } from './feedback-event.reads.js';
import { FeedbackCloseReasonEnum, FeedbackTaskStatusEnum } from './feedback-task.type.js';

export const whatIsLeftOut =
  'Annotators of a blind task have a log of their own: the events of the whole task and of what they did themselves, which seq counts alone.';

@InterfaceType({ description: 'The fields that all events of a feedback task have.' })
abstract class SequencedFeedbackEvent {
  @Field(() => BigIntScalar, {
    description: 'Counts from 1 within the log, without gaps. Pass the last number seen as afterSeq.',
  })
  seq!: number;

  @Field(() => DateTime, { description: 'When it was recorded.' })
  at!: Date;
}

/** An event about an item, which those see who may see items. */
export abstract class EventOfItem extends SequencedFeedbackEvent {
  projectUuid!: string;
  taskUuid!: string;
  itemUuid!: string;
}

/** An event about what a person did. */
export abstract class EventOfPerson extends EventOfItem {
  userUuid!: string;
}

const event = { implements: SequencedFeedbackEvent, simpleResolvers: true };

@ObjectType('FeedbackItemsAdded', { description: 'Items were added to the task.', ...event })
class FeedbackItemsAddedType extends SequencedFeedbackEvent {
  @Field(() => BigIntScalar, { description: 'The position of the first one.' })
  firstPosition!: number;

  @Field(() => BigIntScalar, { description: 'The position of the last one.' })
  lastPosition!: number;
}

@ObjectType('FeedbackAnswerSubmitted', { description: 'Somebody answered an item.', ...event })
export class FeedbackAnswerSubmittedType extends EventOfPerson {
  answerUuid!: string;

  @Field(() => Boolean, { description: 'Whether the hold had ended, or the task was closed, before.' })
  late!: boolean;
}

@ObjectType('FeedbackAnswerChanged', { description: 'Somebody changed an answer.', ...event })
export class FeedbackAnswerChangedType extends EventOfPerson {
  answerUuid!: string;
}

@ObjectType('FeedbackItemSkipped', { description: 'Somebody skipped an item.', ...event })
export class FeedbackItemSkippedType extends EventOfPerson {
  givenReason!: string;
}

@ObjectType('FeedbackItemFlagged', { description: 'Somebody flagged an item.', ...event })
export class FeedbackItemFlaggedType extends EventOfPerson {
  givenReason!: string;
}

@ObjectType('FeedbackItemSettled', { description: 'An item has all answers that it needs.', ...event })
export class FeedbackItemSettledType extends EventOfItem {
  likeliest!: string | null;
  howProbable!: number | null;

  @Field(() => Int, { description: 'Answers that it has.' })
  answerCount!: number;
}

@ObjectType('FeedbackItemAdjudicated', {
  description: 'Somebody decided what is right of an item. The item has all decisions, for those who may train.',
  ...event,
})
export class FeedbackItemAdjudicatedType extends EventOfItem {}

@ObjectType('FeedbackItemReopened', {
  description: 'An item needs answers again: an answer was changed, or the task asks for more.',
  ...event,
})
export class FeedbackItemReopenedType extends EventOfItem {}

@ObjectType('FeedbackStatusChanged', { description: "The task's status changed.", ...event })
class FeedbackStatusChangedType extends SequencedFeedbackEvent {
  @Field(() => FeedbackTaskStatusEnum, { nullable: true, description: 'What it was; null: it was created.' })
  from!: FeedbackTaskStatus | null;

  @Field(() => FeedbackTaskStatusEnum, { description: 'What it is since.' })
  to!: FeedbackTaskStatus;

  @Field(() => FeedbackCloseReasonEnum, { nullable: true, description: 'Why it is closed, if it is.' })
  closedReason!: FeedbackCloseReason | null;
}

export const FeedbackEvent = createUnionType({
  name: 'FeedbackEvent',
  description: 'An event of a feedback task. New kinds may be added.',
  types: () =>
    [
      FeedbackItemsAddedType,
      FeedbackAnswerSubmittedType,
      FeedbackAnswerChangedType,
      FeedbackItemSkippedType,
      FeedbackItemFlaggedType,
      FeedbackItemSettledType,
      FeedbackItemAdjudicatedType,
      FeedbackItemReopenedType,
      FeedbackStatusChangedType,
    ] as const,
});
export type FeedbackEventType = typeof FeedbackEvent;

@ObjectType('FeedbackEventPage', { description: "A range of a feedback task's event log.", simpleResolvers: true })
export class FeedbackEventPageType {
  @Field(() => [FeedbackEvent], { description: 'The events, by ascending seq.' })
  events!: FeedbackEventType[];

  @Field(() => BigIntScalar, { description: 'The last seq that was read. Pass it as afterSeq to continue.' })
  lastSeq!: number;

  @Field(() => Boolean, { description: 'Whether the log has more events now.' })
  hasMore!: boolean;
}

export function toFeedbackEventType({
  taskId,
  projectId,
  seq,
  at,
  event: said,
}: StoredFeedbackEvent): FeedbackEventType {
  const common = { seq, at };
  const ofItem = { ...common, projectUuid: projectId, taskUuid: taskId };
  switch (said.kind) {
    case 'itemsAdded': {
      const { firstPosition, lastPosition } = said;
      return Object.assign(new FeedbackItemsAddedType(), common, { firstPosition, lastPosition });
    }
    case 'answerSubmitted': {
      const { itemId: itemUuid, userId: userUuid, answerId: answerUuid, late } = said;
      return Object.assign(new FeedbackAnswerSubmittedType(), ofItem, { itemUuid, userUuid, answerUuid, late });
    }
    case 'answerChanged': {
      const { itemId: itemUuid, userId: userUuid, answerId: answerUuid } = said;
      return Object.assign(new FeedbackAnswerChangedType(), ofItem, { itemUuid, userUuid, answerUuid });
    }
    case 'itemSkipped': {
      const { itemId: itemUuid, userId: userUuid, reason: givenReason } = said;
      return Object.assign(new FeedbackItemSkippedType(), ofItem, { itemUuid, userUuid, givenReason });
    }
    case 'itemFlagged': {
      const { itemId: itemUuid, userId: userUuid, reason: givenReason } = said;
      return Object.assign(new FeedbackItemFlaggedType(), ofItem, { itemUuid, userUuid, givenReason });
    }
    case 'itemSettled': {
      const { itemId: itemUuid, answerCount, category: likeliest, probability: howProbable } = said;
      return Object.assign(new FeedbackItemSettledType(), ofItem, { itemUuid, answerCount, likeliest, howProbable });
    }
    case 'itemAdjudicated':
      return Object.assign(new FeedbackItemAdjudicatedType(), ofItem, { itemUuid: said.itemId });
    case 'itemReopened':
      return Object.assign(new FeedbackItemReopenedType(), ofItem, { itemUuid: said.itemId });
    case 'statusChanged': {
      const { from, to, reason } = said;
      return Object.assign(new FeedbackStatusChangedType(), common, { from, to, closedReason: reason });
    }
    default:
      return said satisfies never;
  }
}
