import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Resolver, Root, Subscription } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetVersionType, toDatasetVersionType } from '../datasets/dataset-version.type.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { followed } from '../graphql/followed.js';
import { rowId } from '../graphql/global-id.js';
import { existing, loaded } from '../graphql/load-row.js';
import { orProblems } from '../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { ProjectType } from '../projects/project.type.js';
import { scoredPrompts, toScoredPromptType } from './scored-prompt.type.js';
import { ScoredSamplesActionInput, ScoreSamplesInput } from './scored-samples.input.js';
import type { ScoredSamplesRow } from './scored-samples.reads.js';
import type { ScoredSamplesService } from './scored-samples.service.js';
import {
  cancelScoredSamplesResult,
  ScoredSamplesType,
  scoredSamples,
  scoreSamplesResult,
  toScoredSamplesType,
} from './scored-samples.type.js';

@Resolver(() => ScoredSamplesType)
export class ScoredSamplesResolver {
  constructor(private readonly service: ScoredSamplesService) {}

  @FieldResolver(() => BaseModelType, { description: 'The model that writes.' })
  async baseModel(@Root() { baseModelUuid }: ScoredSamplesType, @Ctx() { loaders }: GraphQLContext) {
    return toBaseModelType(await existing(loaders.baseModels.byId, baseModelUuid));
  }

  @FieldResolver(() => DatasetVersionType, { description: 'The version with the prompts.' })
  async datasetVersion(@Root() { datasetVersionUuid }: ScoredSamplesType, @Ctx() { loaders }: GraphQLContext) {
    return toDatasetVersionType(await existing(loaders.datasets.versionById, datasetVersionUuid));
  }

  @FieldResolver(() => scoredPrompts.Connection, {
    description: 'The prompts with their samples, in the order in which rows were drawn; none until it has succeeded.',
    complexity: pageComplexity,
  })
  prompts(
    @Root() { uuid, settings }: ScoredSamplesType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.scoredSamples.prompts,
      parent: uuid,
      page,
      toNode: (row) => toScoredPromptType(row, settings.sampling.seed),
      toConnection: scoredPrompts.toConnection,
    });
  }

  @Mutation(() => scoreSamplesResult, {
    description:
      'Queues a job in which a model writes n answers to each prompt of a dataset version, and rewards score them: the curve of best of n, and the samples to make datasets of. Follow it with scoredSamplesChanged.',
  })
  scoreSamples(
    @Arg('input', () => ScoreSamplesInput, { description: 'What writes what, and what scores it.' })
    input: ScoreSamplesInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toScoredSamplesType(await loaded(loaders.scoredSamples.byId, await this.service.scoreSamples(input))),
    );
  }

  @Mutation(() => cancelScoredSamplesResult, {
    description:
      'Cancels a batch of samples. One that waits ends at once, one that runs within moments. Canceling it again changes nothing.',
  })
  cancelScoredSamples(
    @Arg('input', () => ScoredSamplesActionInput, { description: 'Which one.' }) input: ScoredSamplesActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('ScoredSamples', input.samplesId, ['samplesId']);
      await this.service.cancel(id);
      return toScoredSamplesType(await loaded(loaders.scoredSamples.byId, id));
    });
  }

  @Subscription(() => ScoredSamplesType, {
    description:
      'A batch of samples as it is now, then after each change. The subscription completes when it has ended.',
    subscribe: ({ args, context }: { args: { samplesId: string }; context: GraphQLContext }) =>
      followed('ScoredSamples', args.samplesId, context.loaders.scoredSamples.byId, context.live.scoredSamples),
  })
  scoredSamplesChanged(
    @Root() row: ScoredSamplesRow,
    @Arg('samplesId', () => ID, { description: 'The batch.' }) _samplesId: string,
  ): ScoredSamplesType {
    return toScoredSamplesType(row);
  }
}

@Resolver(() => ProjectType)
export class ProjectScoredSamplesResolver {
  @FieldResolver(() => scoredSamples.Connection, {
    description: 'Its batches of samples, newest first.',
    complexity: pageComplexity,
  })
  scoredSamples(
    @Root() { uuid }: ProjectType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return pageOf(loaders.scoredSamples.ofProject, uuid, page);
  }
}

@Resolver(() => BaseModelType)
export class ModelScoredSamplesResolver {
  @FieldResolver(() => scoredSamples.Connection, {
    description: 'Batches of samples that it wrote, newest first.',
    complexity: pageComplexity,
  })
  scoredSamples(
    @Root() { uuid }: BaseModelType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return pageOf(loaders.scoredSamples.ofModel, uuid, page);
  }
}

@Resolver(() => DatasetVersionType)
export class VersionScoredSamplesResolver {
  @FieldResolver(() => scoredSamples.Connection, {
    description: 'Batches of samples that answer its prompts, newest first.',
    complexity: pageComplexity,
  })
  scoredSamples(
    @Root() { uuid }: DatasetVersionType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return pageOf(loaders.scoredSamples.ofVersion, uuid, page);
  }
}

function pageOf(loader: GraphQLContext['loaders']['scoredSamples']['ofProject'], parent: string, page: PageArgs) {
  return childConnection({
    loader,
    parent,
    page,
    toNode: toScoredSamplesType,
    toConnection: scoredSamples.toConnection,
  });
}
