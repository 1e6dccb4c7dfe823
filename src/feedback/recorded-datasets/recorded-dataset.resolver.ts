import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { datasetVersions, toDatasetVersionType } from '../../datasets/dataset-version.type.js';
import { toPreparationType } from '../../datasets/preparation/preparation.type.js';
import { childConnection } from '../../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../../graphql/connection.js';
import { loaded } from '../../graphql/load-row.js';
import { orProblems } from '../../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../../models/base-model.type.js';
import type { Query } from '../../protocol/sql/query.js';
import { FeedbackSourceType } from '../datasets/feedback-source.type.js';
import { CreateDatasetFromRecordedFeedbackInput } from './recorded-dataset.input.js';
import type { RecordedDatasetService } from './recorded-dataset.service.js';
import {
  createDatasetFromRecordedFeedbackResult,
  RecordedModelType,
  RecordedReadingType,
  toRecordedReadingType,
} from './recorded-dataset.type.js';
import { toRecordedRequest } from './to-recorded-request.js';

@Resolver()
export class RecordedDatasetResolver {
  constructor(
    private readonly query: Query,
    private readonly service: RecordedDatasetService,
  ) {}

  @Mutation(() => createDatasetFromRecordedFeedbackResult, {
    description:
      'Queues the making of a dataset version of what users of applications thought, by a stated policy. The same feedback and input give the same version. Follow it with preparationChanged.',
  })
  createDatasetFromRecordedFeedback(
    @Arg('input', () => CreateDatasetFromRecordedFeedbackInput, { description: 'Of which feedback, by which rules.' })
    input: CreateDatasetFromRecordedFeedbackInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () => {
      const id = await this.service.create(await toRecordedRequest(this.query, input));
      return toPreparationType(await loaded(loaders.preparations.byId, id));
    });
  }
}

@Resolver(() => FeedbackSourceType)
export class RecordedSourceResolver {
  @FieldResolver(() => RecordedReadingType, {
    nullable: true,
    description: 'Which feedback of applications it is of; null: it is of the answers of `tasks`.',
  })
  recorded(@Root() { reading }: FeedbackSourceType): RecordedReadingType | null {
    return reading === undefined ? null : toRecordedReadingType(reading);
  }
}

@Resolver(() => RecordedModelType)
export class RecordedModelResolver {
  @FieldResolver(() => BaseModelType, { nullable: true, description: 'The model; null: it is gone.' })
  async model(@Root() { modelUuid }: RecordedModelType, @Ctx() { loaders }: GraphQLContext) {
    const model = modelUuid === null ? null : await loaders.baseModels.byId.load(modelUuid);
    return model === null ? null : toBaseModelType(model);
  }
}

@Resolver(() => BaseModelType)
export class ModelRecordedVersionsResolver {
  @FieldResolver(() => datasetVersions.Connection, {
    description: 'Dataset versions that were made of what users of applications thought of it, newest first.',
    complexity: pageComplexity,
  })
  recordedFeedbackVersions(
    @Root() { uuid }: BaseModelType,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.recordedFeedback.versionsOfModel,
      parent: uuid,
      page,
      toNode: toDatasetVersionType,
      toConnection: datasetVersions.toConnection,
    });
  }
}
