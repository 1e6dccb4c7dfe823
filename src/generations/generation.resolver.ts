import { Arg, Args, Ctx, Extensions, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { may } from '../access/viewer.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { EventRangeArgs, eventsComplexity, maxEventsShown, readEventRange } from '../graphql/event-range.js';
import { rowId } from '../graphql/global-id.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { ProblemsError, problem } from '../problems/problem.js';
import { ProjectType } from '../projects/project.type.js';
import { saidIn, shownAnswers } from './answers.js';
import { GeneratedAnswerType, toGeneratedAnswerType } from './generated-answer.type.js';
import { GenerateInput, GenerationActionInput } from './generation.input.js';
import { toStoredGenerationEvent } from './generation.reads.js';
import type { GenerationService } from './generation.service.js';
import {
  cancelGenerationResult,
  GenerationType,
  generateResult,
  generations,
  toGenerationType,
} from './generation.type.js';
import { GenerationEventPageType, toGenerationEventType } from './generation-event.type.js';
import { GenerationListArgs, generationConditions } from './generation-list.args.js';

/** What reading a log costs, beside the fields that are selected of it. */
const logComplexity = 5;

@Resolver(() => GenerationType)
export class GenerationResolver {
  constructor(private readonly service: GenerationService) {}

  @FieldResolver(() => BaseModelType, { description: 'The model that writes: of an alias, the one it stood for.' })
  async model(@Root() row: GenerationType, @Ctx() { loaders }: GraphQLContext): Promise<BaseModelType> {
    return toBaseModelType(await existing(loaders.baseModels.byId, row.baseModelUuid));
  }

  @FieldResolver(() => [GeneratedAnswerType], {
    description:
      'The answers as far as they are written, in the order of the prompts, then of the samples. With `rerank`, once all are scored: the best of each prompt, the best first; those that nothing could score are last.',
    complexity: ({ childComplexity }) => logComplexity + 5 * childComplexity,
  })
  async answers(@Root() row: GenerationType, @Ctx() { loaders }: GraphQLContext): Promise<GeneratedAnswerType[]> {
    const said = saidIn(await loaders.generations.log.load(row.uuid), row.promptCount, row.samples);
    return shownAnswers(said, row.samples, row.keep).map(toGeneratedAnswerType);
  }

  @FieldResolver(() => [Int], {
    nullable: true,
    description: 'Tokens of each prompt; null before a worker has read them.',
    complexity: () => logComplexity,
  })
  async promptTokens(
    @Root() row: GenerationType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<readonly number[] | null> {
    return saidIn(await loaders.generations.log.load(row.uuid), row.promptCount, row.samples).promptTokens;
  }

  @Extensions({ maxPageSize: maxEventsShown })
  @FieldResolver(() => GenerationEventPageType, {
    description:
      'A range of its event log. Whoever reads it counts as a listener for a while. To follow the log live, use the subscription generationEvents.',
    complexity: eventsComplexity,
  })
  async events(
    @Root() { uuid, finishedAt }: GenerationType,
    @Args(() => EventRangeArgs) range: EventRangeArgs,
    @Ctx() { loaders, live }: GraphQLContext,
  ): Promise<GenerationEventPageType> {
    if (finishedAt === null) await live.seenGeneration(uuid);
    const { rows, ...rest } = await readEventRange(loaders.generations.events, uuid, range, []);
    const events = rows.map((row) => toGenerationEventType(toStoredGenerationEvent(row)));
    return Object.assign(new GenerationEventPageType(), { events, ...rest });
  }

  @Mutation(() => generateResult, {
    description:
      'Lets a language model go on from prompts: it answers conversations, or continues texts. Answers when it has ended, or at once with `wait: false`; then follow it with generationEvents. Never waits for a training run.',
  })
  generate(
    @Arg('input', () => GenerateInput, { description: 'The model, the prompts and the settings.' })
    input: GenerateInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toGenerationType(await loaded(loaders.generations.byId, await this.service.generate(input))),
    );
  }

  @Mutation(() => cancelGenerationResult, {
    description:
      'Cancels a generation: whoever asked for it may, and who may train. One that waits ends at once, one that runs within moments. Canceling it again changes nothing.',
  })
  cancelGeneration(
    @Arg('input', () => GenerationActionInput, { description: 'Which one.' }) input: GenerationActionInput,
    @Ctx() { loaders, viewer }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('Generation', input.generationId, ['generationId']);
      const row = await loaders.generations.byId.load(id);
      if (row !== null && row.createdBy !== viewer.userId && !may(viewer, 'TRAIN', row.projectId)) {
        const message = 'Somebody else asked for this generation.';
        throw new ProblemsError([problem(['generationId'], 'FORBIDDEN', message)]);
      }
      await this.service.cancel(id);
      return toGenerationType(await loaded(loaders.generations.byId, id));
    });
  }
}

@Resolver(() => ProjectType)
export class ProjectGenerationsResolver {
  @FieldResolver(() => generations.Connection, {
    description: 'Its generations that are kept, newest first.',
    complexity: pageComplexity,
  })
  generations(
    @Root() project: ProjectType,
    @Args(() => GenerationListArgs) page: GenerationListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.generations.ofProject,
      parent: project.uuid,
      page,
      listing: { where: generationConditions(page.filter ?? {}) },
      toNode: toGenerationType,
      toConnection: generations.toConnection,
    });
  }
}
