import { GraphQLError } from 'graphql';
import { Arg, Extensions, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { answersEvent } from '../graphql/answers-event.js';
import { checkRange } from '../graphql/check-range.js';
import { parseGlobalId } from '../graphql/global-id.js';
import type { StoredGenerationEvent } from './generation.reads.js';
import { GenerationEvent, type GenerationEventType, toGenerationEventType } from './generation-event.type.js';

interface GenerationEventsArgs {
  readonly generationId: string;
  readonly afterSeq: number;
}

@Resolver()
export class GenerationEventsResolver {
  @Extensions(answersEvent)
  @Subscription(() => GenerationEvent, {
    description:
      'The events of a generation after `afterSeq`, then new ones as they happen: every event once, in order. Completes after the last one. After a lost connection, subscribe again with the last seq seen.',
    subscribe: ({ args, context }) => subscribeToGeneration(args, context),
  })
  generationEvents(
    @Root() event: StoredGenerationEvent,
    @Arg('generationId', () => ID, { description: 'The generation.' }) _generationId: string,
    @Arg('afterSeq', () => Int, {
      defaultValue: 0,
      description: 'The last sequence number already seen; 0: from the beginning. Beyond the end of the log: an error.',
    })
    _afterSeq: number,
  ): GenerationEventType {
    return toGenerationEventType(event);
  }
}

/** @throws GraphQL errors NOT_FOUND and BAD_USER_INPUT before the subscription starts */
async function subscribeToGeneration(
  { generationId, afterSeq }: GenerationEventsArgs,
  { loaders, live }: GraphQLContext,
): Promise<AsyncIterable<StoredGenerationEvent>> {
  const parsed = parseGlobalId(generationId);
  const generation = parsed?.type === 'Generation' ? await loaders.generations.byId.load(parsed.uuid) : null;
  if (generation === null) {
    throw new GraphQLError('There is no generation with this id.', { extensions: { code: 'NOT_FOUND' } });
  }
  checkRange('afterSeq', afterSeq, 0, generation.lastSeq);
  return live.generationEvents(generation.id, afterSeq);
}
