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
import { ModelRecommendationActionInput, RecommendBaseModelsInput } from './recommendation.input.js';
import type { RecommendationRow } from './recommendation.reads.js';
import type { RecommendationService } from './recommendation.service.js';
import {
  cancelModelRecommendationResult,
  RecommendationType,
  recommendations,
  recommendBaseModelsResult,
  toRecommendationType,
} from './recommendation.type.js';
import { RecommendedModelType } from './recommended-model.type.js';

@Resolver(() => RecommendationType)
export class RecommendationResolver {
  constructor(private readonly service: RecommendationService) {}

  @FieldResolver(() => DatasetVersionType, { description: 'The data that models are measured on.' })
  async datasetVersion(
    @Root() { datasetVersionUuid }: RecommendationType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType> {
    return toDatasetVersionType(await existing(loaders.datasets.versionById, datasetVersionUuid));
  }

  @Mutation(() => recommendBaseModelsResult, {
    description:
      'Queues a comparison of models for a task: each reads a sample of the data, and a probe on what it makes of the texts is scored. Nothing is trained. Follow it with modelRecommendationChanged.',
  })
  recommendBaseModels(
    @Arg('input', () => RecommendBaseModelsInput, { description: 'The task, and the models to compare.' })
    input: RecommendBaseModelsInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toRecommendationType(await loaded(loaders.recommendations.byId, await this.service.recommend(input))),
    );
  }

  @Mutation(() => cancelModelRecommendationResult, {
    description:
      'Cancels a recommendation. One that waits ends at once, one that runs within moments. Canceling it again changes nothing.',
  })
  cancelModelRecommendation(
    @Arg('input', () => ModelRecommendationActionInput, { description: 'Which one.' })
    input: ModelRecommendationActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('ModelRecommendation', input.recommendationId, ['recommendationId']);
      await this.service.cancel(id);
      return toRecommendationType(await loaded(loaders.recommendations.byId, id));
    });
  }

  @Subscription(() => RecommendationType, {
    description: 'A recommendation as it is now, then after each change. The subscription completes when it has ended.',
    subscribe: ({ args, context }: { args: { recommendationId: string }; context: GraphQLContext }) =>
      followed(
        'ModelRecommendation',
        args.recommendationId,
        context.loaders.recommendations.byId,
        context.live.modelRecommendation,
      ),
  })
  modelRecommendationChanged(
    @Root() row: RecommendationRow,
    @Arg('recommendationId', () => ID, { description: 'The recommendation.' }) _recommendationId: string,
  ): RecommendationType {
    return toRecommendationType(row);
  }
}

@Resolver(() => RecommendedModelType)
export class RecommendedModelResolver {
  @FieldResolver(() => BaseModelType, { nullable: true, description: 'The model; null: it was deleted since.' })
  async baseModel(
    @Root() { modelUuid }: RecommendedModelType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<BaseModelType | null> {
    const row = await loaders.baseModels.byId.load(modelUuid);
    return row === null ? null : toBaseModelType(row);
  }
}

@Resolver(() => DatasetVersionType)
export class VersionRecommendationsResolver {
  @FieldResolver(() => recommendations.Connection, {
    description: 'Recommendations of base models for tasks on the version, newest first.',
    complexity: pageComplexity,
  })
  recommendations(
    @Root() { uuid }: DatasetVersionType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.recommendations.ofVersion,
      parent: uuid,
      page,
      toNode: toRecommendationType,
      toConnection: recommendations.toConnection,
    });
  }
}
