import { Arg, Args, Ctx, Extensions, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetType, toDatasetType } from '../datasets/dataset.type.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { EventRangeArgs, eventsComplexity, maxEventsShown, readEventRange } from '../graphql/event-range.js';
import { loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { ProjectType } from '../projects/project.type.js';
import {
  CreateFeedbackLoopInput,
  FeedbackLoopActionInput,
  RetryFeedbackLoopInput,
  UpdateFeedbackLoopInput,
} from './loop.input.js';
import type { LoopService } from './loop.service.js';
import {
  createFeedbackLoopResult,
  endFeedbackLoopResult,
  FeedbackLoopRoundType,
  FeedbackLoopType,
  feedbackLoops,
  pauseFeedbackLoopResult,
  resumeFeedbackLoopResult,
  retryFeedbackLoopResult,
  toFeedbackLoopRoundType,
  toFeedbackLoopType,
  updateFeedbackLoopResult,
} from './loop.type.js';
import { toStoredLoopEvent } from './loop-event.reads.js';
import { FeedbackLoopEventPageType, toFeedbackLoopEventType } from './loop-event.type.js';

const which = { description: 'Which one.' };

@Resolver(() => FeedbackLoopType)
export class FeedbackLoopResolver {
  constructor(private readonly service: LoopService) {}

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that rounds train from; null: it was deleted since the loop ended.',
  })
  baseModel(@Root() { row }: FeedbackLoopType, @Ctx() { loaders }: GraphQLContext) {
    return modelOrNull(loaders, row.baseModelId);
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that the loop began with; null: there was none, or it was deleted since.',
  })
  startModel(@Root() { row }: FeedbackLoopType, @Ctx() { loaders }: GraphQLContext) {
    return modelOrNull(loaders, row.startModelId);
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: "The loop's model: the one that was promoted last, or that it began with; null: there is none yet.",
  })
  currentModel(@Root() { row }: FeedbackLoopType, @Ctx() { loaders }: GraphQLContext) {
    return modelOrNull(loaders, row.currentModelId);
  }

  @FieldResolver(() => DatasetType, {
    nullable: true,
    description: 'The dataset whose versions its rounds learn from; null: not made yet, or deleted since.',
  })
  async dataset(@Root() { row }: FeedbackLoopType, @Ctx() { loaders }: GraphQLContext): Promise<DatasetType | null> {
    const dataset = row.datasetId === null ? null : await loaders.datasets.byId.load(row.datasetId);
    return dataset === null ? null : toDatasetType(dataset);
  }

  @FieldResolver(() => [FeedbackLoopRoundType], {
    description: 'Its rounds, the first ones first.',
    complexity: ({ childComplexity }) => 5 * childComplexity,
  })
  async rounds(@Root() { uuid }: FeedbackLoopType, @Ctx() { loaders }: GraphQLContext) {
    return (await loaders.loops.roundsOfLoop.load(uuid)).map(toFeedbackLoopRoundType);
  }

  @Extensions({ maxPageSize: maxEventsShown })
  @FieldResolver(() => FeedbackLoopEventPageType, {
    description: 'A range of its event log. To follow the log live, use the subscription feedbackLoopChanged.',
    complexity: eventsComplexity,
  })
  async events(
    @Root() { uuid }: FeedbackLoopType,
    @Args(() => EventRangeArgs) range: EventRangeArgs,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<FeedbackLoopEventPageType> {
    const { rows, ...rest } = await readEventRange(loaders.loops.events, uuid, range, []);
    const events = rows.map((row) => toFeedbackLoopEventType(toStoredLoopEvent(row)));
    return Object.assign(new FeedbackLoopEventPageType(), { events, ...rest });
  }

  @Mutation(() => createFeedbackLoopResult, {
    description:
      'Creates a loop, which begins at once: it asks people, learns from their answers, measures, and promotes what passes the gate, round by round. Follow it with feedbackLoopChanged.',
  })
  createFeedbackLoop(
    @Arg('input', () => CreateFeedbackLoopInput, { description: 'What is asked, learnt, measured and promoted.' })
    input: CreateFeedbackLoopInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.create(input)));
  }

  @Mutation(() => updateFeedbackLoopResult, { description: 'Changes a loop that has not ended.' })
  updateFeedbackLoop(
    @Arg('input', () => UpdateFeedbackLoopInput, { description: 'The loop, and what to change.' })
    input: UpdateFeedbackLoopInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.update(input)));
  }

  @Mutation(() => pauseFeedbackLoopResult, {
    description:
      'Lets a loop take no more steps. What its present step began goes on: people may answer, and a training ends. Pausing again changes nothing.',
  })
  pauseFeedbackLoop(
    @Arg('input', () => FeedbackLoopActionInput, which) input: FeedbackLoopActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.pause(input.loopId)));
  }

  @Mutation(() => resumeFeedbackLoopResult, {
    description:
      'Goes on with a loop that is paused, from then on on behalf of whoever resumed it. Resuming again changes nothing.',
  })
  resumeFeedbackLoop(
    @Arg('input', () => FeedbackLoopActionInput, which) input: FeedbackLoopActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.resume(input.loopId)));
  }

  @Mutation(() => retryFeedbackLoopResult, {
    description:
      'Goes on with a loop that failed: it takes the step that failed again, or one before it, from then on on behalf of whoever asked for it. Of a loop that runs, nothing changes.',
  })
  retryFeedbackLoop(
    @Arg('input', () => RetryFeedbackLoopInput, which) input: RetryFeedbackLoopInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.retry(input)));
  }

  @Mutation(() => endFeedbackLoopResult, {
    description:
      'Ends a loop for good. Its open tasks are closed, and what its present step began is canceled; what earlier rounds made stays, and so does its model. Ending it again changes nothing.',
  })
  endFeedbackLoop(
    @Arg('input', () => FeedbackLoopActionInput, which) input: FeedbackLoopActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => answered(loaders, await this.service.end(input.loopId)));
  }
}

@Resolver(() => ProjectType)
export class ProjectFeedbackLoopsResolver {
  @FieldResolver(() => feedbackLoops.Connection, {
    description: 'Its feedback loops, newest first.',
    complexity: pageComplexity,
  })
  feedbackLoops(
    @Root() project: ProjectType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.loops.ofProject,
      parent: project.uuid,
      page,
      toNode: toFeedbackLoopType,
      toConnection: feedbackLoops.toConnection,
    });
  }
}

export async function modelOrNull(
  loaders: GraphQLContext['loaders'],
  id: string | null,
): Promise<BaseModelType | null> {
  const row = id === null ? null : await loaders.baseModels.byId.load(id);
  return row === null ? null : toBaseModelType(row);
}

async function answered({ loops }: GraphQLContext['loaders'], id: string): Promise<FeedbackLoopType> {
  return toFeedbackLoopType(await loaded(loops.byId, id));
}
