import { GraphQLError } from 'graphql';
import { Arg, Extensions, ID, Int, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { selected } from '../events/selected.js';
import { answersEvent } from '../graphql/answers-event.js';
import { checkRange } from '../graphql/check-range.js';
import { parseGlobalId } from '../graphql/global-id.js';
import type { RunEventKind, StoredRunEvent } from '../protocol/run-event.js';
import {
  EventKindEnum,
  ExperimentEvent,
  type ExperimentEventType,
  toExperimentEventType,
} from './experiment-event.type.js';

interface ExperimentEventsArgs {
  readonly experimentId: string;
  readonly afterSeq: number;
  readonly kinds?: readonly RunEventKind[] | null;
}

@Resolver()
export class ExperimentEventsResolver {
  @Extensions(answersEvent)
  @Subscription(() => ExperimentEvent, {
    description:
      'The events of an experiment after `afterSeq`, then new ones as they happen: every event once, in order. Completes after the last one. After a lost connection, subscribe again with the last seq seen.',
    subscribe: ({ args, context }) => subscribeToExperiment(args, context),
  })
  experimentEvents(
    @Root() event: StoredRunEvent,
    @Arg('experimentId', () => ID, { description: 'The experiment.' }) _experimentId: string,
    @Arg('afterSeq', () => Int, {
      defaultValue: 0,
      description:
        'The last sequence number already seen; 0: from the beginning. A number beyond the end of the log is an error: it comes from another log, e.g. from before a backup was restored.',
    })
    _afterSeq: number,
    @Arg('kinds', () => [EventKindEnum], { nullable: true, description: 'Only events of these kinds. Default: all.' })
    _kinds: RunEventKind[] | null,
  ): ExperimentEventType {
    return toExperimentEventType(event);
  }
}

/** @throws GraphQL errors NOT_FOUND and BAD_USER_INPUT before the subscription starts */
async function subscribeToExperiment(
  { experimentId, afterSeq, kinds }: ExperimentEventsArgs,
  { loaders, live }: GraphQLContext,
): Promise<AsyncIterable<StoredRunEvent>> {
  const parsed = parseGlobalId(experimentId);
  const experiment = parsed?.type === 'Experiment' ? await loaders.experiments.byId.load(parsed.uuid) : null;
  if (experiment === null) {
    throw new GraphQLError('There is no experiment with this id.', { extensions: { code: 'NOT_FOUND' } });
  }
  checkRange('afterSeq', afterSeq, 0, experiment.lastSeq);
  const events = live.runEvents(experiment.runId, afterSeq);
  if (kinds == null) return events;
  const wanted = new Set(kinds);
  return selected(events, ({ event }) => wanted.has(event.kind));
}
