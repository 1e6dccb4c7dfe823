import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { DatasetVersionType, toDatasetVersionType } from '../../datasets/dataset-version.type.js';
import { BaseModelType, toBaseModelType } from '../../models/base-model.type.js';
import { FeedbackItemType } from '../feedback-item.type.js';
import { FeedbackTaskType } from '../feedback-task.type.js';
import {
  ItemPredictionType,
  ItemRewardType,
  ItemSourceType,
  toItemPredictionType,
  toItemRewardTypes,
  toItemSourceType,
} from './item-source.type.js';

@Resolver(() => FeedbackTaskType)
export class TaskItemSourceResolver {
  @FieldResolver(() => ItemSourceType, {
    nullable: true,
    description: 'What its items were made of by a job; null: they were given by hand.',
  })
  async source(@Root() { uuid }: FeedbackTaskType, @Ctx() { loaders }: GraphQLContext) {
    const row = await loaders.itemSources.ofTask.load(uuid);
    return row === null ? null : toItemSourceType(row);
  }
}

@Resolver(() => ItemSourceType)
export class ItemSourceResolver {
  @FieldResolver(() => DatasetVersionType, { nullable: true, description: 'The version; null: it is gone.' })
  async datasetVersion(@Root() { versionUuid }: ItemSourceType, @Ctx() { loaders }: GraphQLContext) {
    const version = await loaders.datasets.versionById.load(versionUuid);
    return version === null ? null : toDatasetVersionType(version);
  }

  @FieldResolver(() => [BaseModelType], {
    description: 'The models that predict or write; those that are gone are left out.',
    complexity: ({ childComplexity }) => 8 * childComplexity,
  })
  async models(@Root() { modelUuids }: ItemSourceType, @Ctx() { loaders }: GraphQLContext) {
    return existingModels(loaders, modelUuids);
  }

  @FieldResolver(() => [BaseModelType], {
    description: 'The reward models that ranked its pairs; those that are gone are left out.',
    complexity: ({ childComplexity }) => 8 * childComplexity,
  })
  rewardModels(@Root() { rewardModelUuids }: ItemSourceType, @Ctx() { loaders }: GraphQLContext) {
    return existingModels(loaders, rewardModelUuids);
  }
}

async function existingModels(loaders: GraphQLContext['loaders'], ids: readonly string[]): Promise<BaseModelType[]> {
  const rows = await Promise.all(ids.map((id) => loaders.baseModels.byId.load(id)));
  return rows.flatMap((row) => (row === null ? [] : [toBaseModelType(row)]));
}

@Resolver(() => FeedbackItemType)
export class ItemPredictionResolver {
  @FieldResolver(() => ItemPredictionType, {
    nullable: true,
    description: 'What a model said of its text; null: it was not made of predictions.',
  })
  async prediction(@Root() { uuid }: FeedbackItemType, @Ctx() { loaders }: GraphQLContext) {
    const found = await loaders.itemSources.predictionOfItem.load(uuid);
    return found === null ? null : toItemPredictionType(found.prediction);
  }

  @FieldResolver(() => [ItemRewardType], {
    description: 'What reward models said of its two answers, by which it was ranked; empty: none did.',
  })
  async rewards(@Root() { uuid }: FeedbackItemType, @Ctx() { loaders }: GraphQLContext) {
    const found = await loaders.itemSources.rewardsOfItem.load(uuid);
    return found === null ? [] : toItemRewardTypes(found.rewards);
  }
}

@Resolver(() => ItemPredictionType)
export class PredictionOfItemResolver {
  @FieldResolver(() => BaseModelType, { nullable: true, description: 'The model; null: it is gone.' })
  async model(@Root() { modelUuid }: ItemPredictionType, @Ctx() { loaders }: GraphQLContext) {
    const model = await loaders.baseModels.byId.load(modelUuid);
    return model === null ? null : toBaseModelType(model);
  }
}

@Resolver(() => ItemRewardType)
export class RewardOfItemResolver {
  @FieldResolver(() => BaseModelType, { nullable: true, description: 'The reward model; null: it is gone.' })
  async model(@Root() { modelUuid }: ItemRewardType, @Ctx() { loaders }: GraphQLContext) {
    const model = await loaders.baseModels.byId.load(modelUuid);
    return model === null ? null : toBaseModelType(model);
  }
}
