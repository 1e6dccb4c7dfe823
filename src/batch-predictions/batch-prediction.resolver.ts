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
import { BatchPredictionActionInput, PredictBatchInput } from './batch-prediction.input.js';
import type { BatchPredictionRow } from './batch-prediction.reads.js';
import type { BatchPredictionService } from './batch-prediction.service.js';
import {
  BatchPredictionType,
  batchPredictions,
  cancelBatchPredictionResult,
  predictBatchResult,
  toBatchPredictionType,
} from './batch-prediction.type.js';

@Resolver(() => BatchPredictionType)
export class BatchPredictionResolver {
  constructor(private readonly service: BatchPredictionService) {}

  @FieldResolver(() => BaseModelType, { description: 'The model that predicts.' })
  async model(@Root() row: BatchPredictionType, @Ctx() { loaders }: GraphQLContext): Promise<BaseModelType> {
    return toBaseModelType(await existing(loaders.baseModels.byId, row.baseModelUuid));
  }

  @FieldResolver(() => DatasetVersionType, {
    nullable: true,
    description: 'The dataset version with the rows; null for an uploaded file.',
  })
  async datasetVersion(
    @Root() { datasetVersionUuid }: BatchPredictionType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType | null> {
    if (datasetVersionUuid === null) return null;
    return toDatasetVersionType(await existing(loaders.datasets.versionById, datasetVersionUuid));
  }

  @Mutation(() => predictBatchResult, {
    description:
      'Queues predictions for all rows of a dataset version, of one of its splits or of an uploaded file, which go to a file. Single predictions and trainings do not wait for it. Follow it with batchPredictionChanged.',
  })
  predictBatch(
    @Arg('input', () => PredictBatchInput, { description: 'The model, and the rows.' }) input: PredictBatchInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toBatchPredictionType(await loaded(loaders.batchPredictions.byId, await this.service.predictBatch(input))),
    );
  }

  @Mutation(() => cancelBatchPredictionResult, {
    description:
      'Cancels a batch prediction. One that waits ends at once, one that runs within moments. Canceling it again changes nothing.',
  })
  cancelBatchPrediction(
    @Arg('input', () => BatchPredictionActionInput, { description: 'Which one.' }) input: BatchPredictionActionInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = rowId('BatchPrediction', input.batchPredictionId, ['batchPredictionId']);
      await this.service.cancel(id);
      return toBatchPredictionType(await loaded(loaders.batchPredictions.byId, id));
    });
  }

  @Subscription(() => BatchPredictionType, {
    description:
      'A batch prediction as it is now, then after each change. The subscription completes when the batch prediction has ended.',
    subscribe: ({ args, context }: { args: { batchPredictionId: string }; context: GraphQLContext }) =>
      followed(
        'BatchPrediction',
        args.batchPredictionId,
        context.loaders.batchPredictions.byId,
        context.live.batchPrediction,
      ),
  })
  batchPredictionChanged(
    @Root() row: BatchPredictionRow,
    @Arg('batchPredictionId', () => ID, { description: 'The batch prediction.' }) _batchPredictionId: string,
  ): BatchPredictionType {
    return toBatchPredictionType(row);
  }
}

const list = { description: 'Its batch predictions, newest first.', complexity: pageComplexity } as const;

@Resolver(() => ProjectType)
export class ProjectBatchPredictionsResolver {
  @FieldResolver(() => batchPredictions.Connection, list)
  batchPredictions(
    @Root() project: ProjectType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.batchPredictions.ofProject,
      parent: project.uuid,
      page,
      toNode: toBatchPredictionType,
      toConnection: batchPredictions.toConnection,
    });
  }
}

@Resolver(() => BaseModelType)
export class ModelBatchPredictionsResolver {
  @FieldResolver(() => batchPredictions.Connection, list)
  batchPredictions(
    @Root() model: BaseModelType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.batchPredictions.ofModel,
      parent: model.uuid,
      page,
      toNode: toBatchPredictionType,
      toConnection: batchPredictions.toConnection,
    });
  }
}
