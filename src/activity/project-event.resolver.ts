import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { BatchPredictionType, toBatchPredictionType } from '../batch-predictions/batch-prediction.type.js';
import { DatasetExportType, toDatasetExportType } from '../dataset-exports/dataset-export.type.js';
import { DatasetVersionType, toDatasetVersionType } from '../datasets/dataset-version.type.js';
import { PreparationType, toPreparationType } from '../datasets/preparation/preparation.type.js';
import { DatasetReportType, toDatasetReportType } from '../datasets/reports/dataset-report.type.js';
import { EvaluationType, toEvaluationType } from '../evaluations/evaluation.type.js';
import { ExperimentType, toExperimentType } from '../experiments/experiment.type.js';
import { FeedbackTaskType, toFeedbackTaskType } from '../feedback/feedback-task.type.js';
import { FeedbackLoopType, toFeedbackLoopType } from '../loops/loop.type.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { toUserType, UserType } from '../people/user.type.js';
import { RecommendationType, toRecommendationType } from '../recommendations/recommendation.type.js';
import { ScoredSamplesType, toScoredSamplesType } from '../scored-samples/scored-samples.type.js';
import { ModelExportType, toModelExportType } from '../transfers/model-export.type.js';
import { ModelImportType, toModelImportType } from '../transfers/model-import.type.js';
import {
  BaseModelRegisteredType,
  BatchPredictionFinishedType,
  DatasetExportFinishedType,
  DatasetReportFinishedType,
  DatasetVersionCreatedType,
  EvaluationFinishedType,
  ExperimentCreatedType,
  ExperimentProgressedType,
  ExperimentStatusChangedType,
  FeedbackLoopChangedType,
  FeedbackLoopRoundFinishedType,
  FeedbackTaskClosedType,
  FeedbackTaskOpenedType,
  MemberChangedType,
  ModelAliasMovedType,
  ModelExportFinishedType,
  ModelImportFinishedType,
  ModelRecommendationFinishedType,
  PreparationFinishedType,
  ScoredSamplesFinishedType,
} from './project-event.type.js';

/** The log outlives the objects that it names, so each object may be null. */
const now = { nullable: true, description: 'The object in its present state; null when it no longer exists.' };

@Resolver(() => ExperimentCreatedType)
class ExperimentCreatedResolver {
  @FieldResolver(() => ExperimentType, now)
  experiment(@Root() { experimentUuid }: ExperimentCreatedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.experiments.byId.load(experimentUuid), toExperimentType);
  }
}

@Resolver(() => ExperimentStatusChangedType)
class ExperimentStatusChangedResolver {
  @FieldResolver(() => ExperimentType, now)
  experiment(@Root() { experimentUuid }: ExperimentStatusChangedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.experiments.byId.load(experimentUuid), toExperimentType);
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description:
      'The model that an experiment gave which SUCCEEDED, in its present state; null in every other status, and when it no longer exists.',
  })
  async model(@Root() { modelUuid }: ExperimentStatusChangedType, @Ctx() { loaders }: GraphQLContext) {
    return modelUuid === null ? null : found(loaders.baseModels.byId.load(modelUuid), toBaseModelType);
  }
}

@Resolver(() => EvaluationFinishedType)
class EvaluationFinishedResolver {
  @FieldResolver(() => EvaluationType, now)
  evaluation(@Root() { evaluationUuid }: EvaluationFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.evaluations.byId.load(evaluationUuid), toEvaluationType);
  }
}

@Resolver(() => ModelImportFinishedType)
class ModelImportFinishedResolver {
  @FieldResolver(() => ModelImportType, now)
  import(@Root() { importUuid }: ModelImportFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.transfers.importById.load(importUuid), toModelImportType);
  }
}

@Resolver(() => BatchPredictionFinishedType)
class BatchPredictionFinishedResolver {
  @FieldResolver(() => BatchPredictionType, now)
  batchPrediction(@Root() { batchPredictionUuid }: BatchPredictionFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.batchPredictions.byId.load(batchPredictionUuid), toBatchPredictionType);
  }
}

@Resolver(() => ModelExportFinishedType)
class ModelExportFinishedResolver {
  @FieldResolver(() => ModelExportType, now)
  export(@Root() { exportUuid }: ModelExportFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.transfers.exportById.load(exportUuid), toModelExportType);
  }
}

@Resolver(() => PreparationFinishedType)
class PreparationFinishedResolver {
  @FieldResolver(() => PreparationType, now)
  preparation(@Root() { preparationUuid }: PreparationFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.preparations.byId.load(preparationUuid), toPreparationType);
  }
}

@Resolver(() => ScoredSamplesFinishedType)
class ScoredSamplesFinishedResolver {
  @FieldResolver(() => ScoredSamplesType, now)
  scoredSamples(@Root() { samplesUuid }: ScoredSamplesFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.scoredSamples.byId.load(samplesUuid), toScoredSamplesType);
  }
}

@Resolver(() => DatasetReportFinishedType)
class DatasetReportFinishedResolver {
  @FieldResolver(() => DatasetReportType, now)
  report(@Root() { reportUuid }: DatasetReportFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.datasetReports.byId.load(reportUuid), toDatasetReportType);
  }
}

@Resolver(() => ModelRecommendationFinishedType)
class ModelRecommendationFinishedResolver {
  @FieldResolver(() => RecommendationType, now)
  recommendation(@Root() { recommendationUuid }: ModelRecommendationFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.recommendations.byId.load(recommendationUuid), toRecommendationType);
  }
}

@Resolver(() => DatasetExportFinishedType)
class DatasetExportFinishedResolver {
  @FieldResolver(() => DatasetExportType, now)
  datasetExport(@Root() { exportUuid }: DatasetExportFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.datasetExports.byId.load(exportUuid), toDatasetExportType);
  }
}

@Resolver(() => FeedbackTaskOpenedType)
class FeedbackTaskOpenedResolver {
  @FieldResolver(() => FeedbackTaskType, now)
  task(@Root() { taskUuid }: FeedbackTaskOpenedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.feedback.taskById.load(taskUuid), toFeedbackTaskType);
  }
}

@Resolver(() => FeedbackTaskClosedType)
class FeedbackTaskClosedResolver {
  @FieldResolver(() => FeedbackTaskType, now)
  task(@Root() { taskUuid }: FeedbackTaskClosedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.feedback.taskById.load(taskUuid), toFeedbackTaskType);
  }
}

@Resolver(() => FeedbackLoopChangedType)
class FeedbackLoopChangedResolver {
  @FieldResolver(() => FeedbackLoopType, now)
  loop(@Root() { loopUuid }: FeedbackLoopChangedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.loops.byId.load(loopUuid), toFeedbackLoopType);
  }
}

@Resolver(() => FeedbackLoopRoundFinishedType)
class FeedbackLoopRoundFinishedResolver {
  @FieldResolver(() => FeedbackLoopType, now)
  loop(@Root() { loopUuid }: FeedbackLoopRoundFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.loops.byId.load(loopUuid), toFeedbackLoopType);
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that the round trained; null: it came to none, or the model was deleted since.',
  })
  model(@Root() { modelUuid }: FeedbackLoopRoundFinishedType, @Ctx() { loaders }: GraphQLContext) {
    return modelUuid === null ? null : found(loaders.baseModels.byId.load(modelUuid), toBaseModelType);
  }
}

@Resolver(() => DatasetVersionCreatedType)
class DatasetVersionCreatedResolver {
  @FieldResolver(() => DatasetVersionType, now)
  version(@Root() { versionUuid }: DatasetVersionCreatedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.datasets.versionById.load(versionUuid), toDatasetVersionType);
  }
}

@Resolver(() => BaseModelRegisteredType)
class BaseModelRegisteredResolver {
  @FieldResolver(() => BaseModelType, now)
  model(@Root() { modelUuid }: BaseModelRegisteredType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.baseModels.byId.load(modelUuid), toBaseModelType);
  }

  @FieldResolver(() => ExperimentType, {
    nullable: true,
    description:
      'The experiment that produced the model; null for a model that was imported, or came with the product.',
  })
  async experiment(@Root() { experimentUuid }: BaseModelRegisteredType, @Ctx() { loaders }: GraphQLContext) {
    return experimentUuid === null ? null : found(loaders.experiments.byId.load(experimentUuid), toExperimentType);
  }
}

@Resolver(() => ModelAliasMovedType)
class ModelAliasMovedResolver {
  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that the alias stood for before; null: none, or the model no longer exists.',
  })
  async fromModel(@Root() { fromModelUuid }: ModelAliasMovedType, @Ctx() { loaders }: GraphQLContext) {
    return fromModelUuid === null ? null : found(loaders.baseModels.byId.load(fromModelUuid), toBaseModelType);
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that the alias stands for since; null: none, or the model no longer exists.',
  })
  async toModel(@Root() { toModelUuid }: ModelAliasMovedType, @Ctx() { loaders }: GraphQLContext) {
    return toModelUuid === null ? null : found(loaders.baseModels.byId.load(toModelUuid), toBaseModelType);
  }
}

@Resolver(() => MemberChangedType)
class MemberChangedResolver {
  @FieldResolver(() => UserType, now)
  user(@Root() { userUuid }: MemberChangedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.people.userById.load(userUuid), toUserType);
  }
}

@Resolver(() => ExperimentProgressedType)
class ExperimentProgressedResolver {
  @FieldResolver(() => ExperimentType, {
    nullable: true,
    description: 'The experiment in its present state, with `progress` and the newest metrics in `summary`.',
  })
  experiment(@Root() { experimentUuid }: ExperimentProgressedType, @Ctx() { loaders }: GraphQLContext) {
    return found(loaders.experiments.byId.load(experimentUuid), toExperimentType);
  }
}

export const projectEventResolvers = [
  ExperimentProgressedResolver,
  ExperimentCreatedResolver,
  ExperimentStatusChangedResolver,
  EvaluationFinishedResolver,
  ModelImportFinishedResolver,
  ModelExportFinishedResolver,
  BatchPredictionFinishedResolver,
  PreparationFinishedResolver,
  DatasetReportFinishedResolver,
  ScoredSamplesFinishedResolver,
  ModelRecommendationFinishedResolver,
  DatasetExportFinishedResolver,
  FeedbackTaskOpenedResolver,
  FeedbackTaskClosedResolver,
  FeedbackLoopChangedResolver,
  FeedbackLoopRoundFinishedResolver,
  DatasetVersionCreatedResolver,
  BaseModelRegisteredResolver,
  ModelAliasMovedResolver,
  MemberChangedResolver,
] as const;

async function found<Row, Type>(row: Promise<Row | null>, toType: (row: Row) => Type): Promise<Type | null> {
  const loaded = await row;
  return loaded === null ? null : toType(loaded);
}
