import { GraphQLError } from 'graphql';
import {
  Arg,
  type ClassType,
  Ctx,
  Extensions,
  FieldResolver,
  Float,
  ID,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { may } from '../access/viewer.js';
import { whileAllowed } from '../access/while-allowed.js';
import { only } from '../events/only.js';
import { answersEvent } from '../graphql/answers-event.js';
import { checkRange } from '../graphql/check-range.js';
import { parseGlobalId } from '../graphql/global-id.js';
import { existing } from '../graphql/load-row.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { toUserType, UserType } from '../people/user.type.js';
import { FeedbackAnswerType, toFeedbackAnswerType } from './feedback-answer.type.js';
import { concernsPerson, type StoredFeedbackEvent } from './feedback-event.reads.js';
import {
  type EventOfItem,
  type EventOfPerson,
  FeedbackAnswerChangedType,
  FeedbackAnswerSubmittedType,
  FeedbackEvent,
  type FeedbackEventType,
  FeedbackItemAdjudicatedType,
  FeedbackItemFlaggedType,
  FeedbackItemReopenedType,
  FeedbackItemSettledType,
  FeedbackItemSkippedType,
  toFeedbackEventType,
  whatIsLeftOut,
} from './feedback-event.type.js';
import { FeedbackItemType, toFeedbackItemType } from './feedback-item.type.js';
import { hasOwnLog } from './own-log.js';
import { maySeeOthers } from './visible-answers.js';

interface FeedbackActivityArgs {
  readonly taskId: string;
  readonly afterSeq: number;
}

@Resolver()
export class FeedbackActivityResolver {
  @Extensions(answersEvent)
  @Subscription(() => FeedbackEvent, {
    description: `The events of a feedback task after \`afterSeq\`, then new ones as they happen: every event once, in order. After a lost connection, subscribe again with the last seq seen. ${whatIsLeftOut}`,
    subscribe: ({ args, context }) => subscribeToTask(args, context),
  })
  feedbackActivity(
    @Root() event: StoredFeedbackEvent,
    @Arg('taskId', () => ID, { description: 'The task.' }) _taskId: string,
    @Arg('afterSeq', () => BigIntScalar, {
      defaultValue: 0,
      description: 'The last sequence number already seen; 0: from the beginning. Beyond the end of the log: an error.',
    })
    _afterSeq: number,
  ): FeedbackEventType {
    return toFeedbackEventType(event);
  }
}

/** @throws GraphQL errors NOT_FOUND and BAD_USER_INPUT before the subscription starts */
async function subscribeToTask(
  { taskId, afterSeq }: FeedbackActivityArgs,
  { loaders, live, rights, viewer }: GraphQLContext,
): Promise<AsyncIterable<StoredFeedbackEvent>> {
  const parsed = parseGlobalId(taskId);
  const task = parsed?.type === 'FeedbackTask' ? await loaders.feedback.taskById.load(parsed.uuid) : null;
  if (task === null) {
    throw new GraphQLError('There is no feedback task with this id.', { extensions: { code: 'NOT_FOUND' } });
  }
  if (!hasOwnLog(viewer, task)) {
    checkRange('afterSeq', afterSeq, 0, task.lastSeq);
    // Whoever may train no longer goes on with a log of their own, whose numbers are others.
    return whileAllowed(live.feedbackEvents(task.id, afterSeq), rights, (now) => !hasOwnLog(now, task));
  }
  const { ownLog } = loaders.feedback;
  checkRange('afterSeq', afterSeq, 0, await ownLog.ownSeqOf(task.id, viewer.userId, null));
  const whole = live.feedbackEvents(task.id, await ownLog.wholeSeqOf(task.id, viewer.userId, afterSeq));
  return numbered(
    only(whole, async ({ event }) => concernsPerson(event, viewer.userId)),
    afterSeq,
  );
}

/** Events with numbers of their own, which go on from `before`. `return()` goes to `events` at once. */
function numbered(
  events: AsyncIterableIterator<StoredFeedbackEvent>,
  before: number,
): AsyncIterableIterator<StoredFeedbackEvent> {
  let seq = before;
  return {
    async next() {
      const step = await events.next();
      return step.done ? step : { done: false, value: { ...step.value, seq: ++seq } };
    },
    return: async () => (await events.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** What those see of an event who may see what others did; null for others. */
async function seen<Value>(
  event: EventOfItem & { readonly userUuid?: string },
  { loaders, viewer }: GraphQLContext,
  value: () => Promise<Value> | Value,
): Promise<Value | null> {
  if (event.userUuid === viewer.userId) return value();
  const task = await loaders.feedback.taskById.load(event.taskUuid);
  return task !== null && maySeeOthers(viewer, task) ? value() : null;
}

function itemResolver(Type: ClassType<EventOfItem>) {
  @Resolver(() => Type)
  class EventItemResolver {
    @FieldResolver(() => FeedbackItemType, {
      nullable: true,
      description: 'The item in its present state; null for annotators.',
    })
    async item(@Root() { itemUuid }: EventOfItem, @Ctx() { loaders }: GraphQLContext) {
      const item = await loaders.feedback.itemById.load(itemUuid);
      return item === null ? null : toFeedbackItemType(item);
    }
  }
  return EventItemResolver;
}

function userResolver(Type: ClassType<EventOfPerson>) {
  @Resolver(() => Type)
  class EventUserResolver {
    @FieldResolver(() => UserType, {
      nullable: true,
      description: 'Who it was; null for other annotators while they see nothing of others.',
    })
    user(@Root() event: EventOfPerson, @Ctx() context: GraphQLContext) {
      const { loaders } = context;
      return seen(event, context, async () => toUserType(await existing(loaders.people.userById, event.userUuid)));
    }
  }
  return EventUserResolver;
}

function answerResolver(Type: ClassType<FeedbackAnswerSubmittedType | FeedbackAnswerChangedType>) {
  @Resolver(() => Type)
  class EventAnswerResolver {
    @FieldResolver(() => FeedbackAnswerType, {
      nullable: true,
      description: 'The answer as it stands now; null for other annotators while they see nothing of others.',
    })
    answer(@Root() event: FeedbackAnswerSubmittedType, @Ctx() context: GraphQLContext) {
      return seen(event, context, async () => {
        const answer = await context.loaders.feedback.answerById.load(event.answerUuid);
        return answer === null ? null : toFeedbackAnswerType(answer);
      });
    }
  }
  return EventAnswerResolver;
}

function reasonResolver(Type: ClassType<FeedbackItemSkippedType | FeedbackItemFlaggedType>) {
  @Resolver(() => Type)
  class EventReasonResolver {
    @FieldResolver(() => String, {
      nullable: true,
      description: 'Why; null for other annotators while they see nothing of others.',
    })
    reason(@Root() event: FeedbackItemSkippedType, @Ctx() context: GraphQLContext) {
      return seen(event, context, () => event.givenReason);
    }
  }
  return EventReasonResolver;
}

@Resolver(() => FeedbackItemSettledType)
class SettledItemResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: 'What is likeliest, as `settledCategory` of the item; null of texts, and for annotators.',
  })
  category(@Root() event: FeedbackItemSettledType, @Ctx() { viewer }: GraphQLContext): string | null {
    return may(viewer, 'TRAIN', event.projectUuid) ? event.likeliest : null;
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: 'How probable that is, if each person is right with probability 0.8; null with `category`.',
  })
  probability(@Root() event: FeedbackItemSettledType, @Ctx() { viewer }: GraphQLContext): number | null {
    return may(viewer, 'TRAIN', event.projectUuid) ? event.howProbable : null;
  }
}

const ofPersons = [
  FeedbackAnswerSubmittedType,
  FeedbackAnswerChangedType,
  FeedbackItemSkippedType,
  FeedbackItemFlaggedType,
];

export const feedbackEventResolvers = [
  ...[...ofPersons, FeedbackItemSettledType, FeedbackItemAdjudicatedType, FeedbackItemReopenedType].map(itemResolver),
  ...ofPersons.map(userResolver),
  ...[FeedbackAnswerSubmittedType, FeedbackAnswerChangedType].map(answerResolver),
  ...[FeedbackItemSkippedType, FeedbackItemFlaggedType].map(reasonResolver),
  SettledItemResolver,
];
