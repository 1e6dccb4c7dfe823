import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetVersionType, toDatasetVersionType } from '../datasets/dataset-version.type.js';
import { GenerationType, toGenerationType } from '../generations/generation.type.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { existing } from '../graphql/load-row.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { toUserType, UserType } from '../people/user.type.js';
import { feedbackAnswers, toFeedbackAnswerType } from './feedback-answer.type.js';
import { FeedbackItemType, FeedbackModelJudgementType, JudgedAnswerType } from './feedback-item.type.js';
import { answerConditions, FeedbackAnswerListArgs } from './feedback-list.args.js';
import { FeedbackTaskType, toFeedbackTaskType } from './feedback-task.type.js';

@Resolver(() => FeedbackItemType)
export class FeedbackItemResolver {
  @FieldResolver(() => FeedbackTaskType, { description: 'The task that it belongs to.' })
  async task(@Root() { taskUuid }: FeedbackItemType, @Ctx() { loaders }: GraphQLContext): Promise<FeedbackTaskType> {
    return toFeedbackTaskType(await existing(loaders.feedback.taskById, taskUuid));
  }

  @FieldResolver(() => DatasetVersionType, {
    nullable: true,
    description: 'The dataset version whose row it was made of; null: it was made of none, or the version is gone.',
  })
  async datasetVersion(@Root() { versionUuid }: FeedbackItemType, @Ctx() { loaders }: GraphQLContext) {
    const version = versionUuid === null ? null : await loaders.datasets.versionById.load(versionUuid);
    return version === null ? null : toDatasetVersionType(version);
  }

  @FieldResolver(() => UserType, { nullable: true, description: 'Who decided a dispute about it; null: nobody.' })
  async adjudicatedBy(@Root() { adjudicatedByUuid }: FeedbackItemType, @Ctx() { loaders }: GraphQLContext) {
    if (adjudicatedByUuid === null) return null;
    return toUserType(await existing(loaders.people.userById, adjudicatedByUuid));
  }

  @FieldResolver(() => feedbackAnswers.Connection, {
    description: 'What people said of it, oldest first, repetitions included.',
    complexity: pageComplexity,
  })
  givenAnswers(
    @Root() { uuid }: FeedbackItemType,
    @Args(() => FeedbackAnswerListArgs) page: FeedbackAnswerListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.feedback.answersOfItem,
      parent: uuid,
      page,
      listing: { where: answerConditions(page.filter ?? {}, null) },
      toNode: toFeedbackAnswerType,
      toConnection: feedbackAnswers.toConnection,
    });
  }
}

@Resolver(() => FeedbackModelJudgementType)
export class FeedbackModelJudgementResolver {
  @FieldResolver(() => BaseModelType, { nullable: true, description: 'The reward model; null: it is gone.' })
  async model(@Root() { modelUuid }: FeedbackModelJudgementType, @Ctx() { loaders }: GraphQLContext) {
    const model = await loaders.baseModels.byId.load(modelUuid);
    return model === null ? null : toBaseModelType(model);
  }
}

@Resolver(() => JudgedAnswerType)
export class JudgedAnswerResolver {
  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that wrote it; null: it is not known, or is gone.',
  })
  async model(@Root() { modelUuid }: JudgedAnswerType, @Ctx() { loaders }: GraphQLContext) {
    const model = modelUuid === null ? null : await loaders.baseModels.byId.load(modelUuid);
    return model === null ? null : toBaseModelType(model);
  }

  @FieldResolver(() => GenerationType, {
    nullable: true,
    description: 'The generation that it is from; null: it is not known, or is gone: generations are kept for 7 days.',
  })
  async generation(@Root() { generationUuid }: JudgedAnswerType, @Ctx() { loaders }: GraphQLContext) {
    const generation = generationUuid === null ? null : await loaders.generations.byId.load(generationUuid);
    return generation === null ? null : toGenerationType(generation);
  }
}
