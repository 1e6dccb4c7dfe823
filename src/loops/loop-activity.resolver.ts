import { GraphQLError } from 'graphql';
import { Arg, Extensions, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { answersEvent } from '../graphql/answers-event.js';
import { checkRange } from '../graphql/check-range.js';
import { parseGlobalId } from '../graphql/global-id.js';
import { BigIntScalar } from '../graphql/scalars.js';
import type { StoredLoopEvent } from './loop-event.reads.js';
import { FeedbackLoopEvent, type FeedbackLoopEventType, toFeedbackLoopEventType } from './loop-event.type.js';

interface LoopChangedArgs {
  readonly loopId: string;
  readonly afterSeq: number;
}

@Resolver()
export class FeedbackLoopActivityResolver {
  @Extensions(answersEvent)
  @Subscription(() => FeedbackLoopEvent, {
    description:
      'The events of a feedback loop after `afterSeq`, then new ones as they happen: every event once, in order, until the loop has ended. After a lost connection, subscribe again with the last seq seen.',
    subscribe: ({ args, context }) => subscribeToLoop(args, context),
  })
  feedbackLoopChanged(
    @Root() event: StoredLoopEvent,
    @Arg('loopId', () => ID, { description: 'The loop.' }) _loopId: string,
    @Arg('afterSeq', () => BigIntScalar, {
      defaultValue: 0,
      description: 'The last sequence number already seen; 0: from the beginning. Beyond the end of the log: an error.',
    })
    _afterSeq: number,
  ): FeedbackLoopEventType {
    return toFeedbackLoopEventType(event);
  }
}

/** @throws GraphQL errors NOT_FOUND and BAD_USER_INPUT before the subscription starts */
async function subscribeToLoop(
  { loopId, afterSeq }: LoopChangedArgs,
  { loaders, live }: GraphQLContext,
): Promise<AsyncIterable<StoredLoopEvent>> {
  const parsed = parseGlobalId(loopId);
  const loop = parsed?.type === 'FeedbackLoop' ? await loaders.loops.byId.load(parsed.uuid) : null;
  if (loop === null) {
    throw new GraphQLError('There is no feedback loop with this id.', { extensions: { code: 'NOT_FOUND' } });
  }
  checkRange('afterSeq', afterSeq, 0, loop.lastSeq);
  return live.loopEvents(loop.id, afterSeq);
}
