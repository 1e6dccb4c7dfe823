import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../../access/context.js';
import { GenerationType, toGenerationType } from '../../generations/generation.type.js';
import { childConnection } from '../../graphql/child-connection.js';
import { pageComplexity } from '../../graphql/connection.js';
import { loaded } from '../../graphql/load-row.js';
import { orProblems } from '../../graphql/problem.type.js';
import { BaseModelType, toBaseModelType } from '../../models/base-model.type.js';
import { ProjectType } from '../../projects/project.type.js';
import type { DeleteRecordedService } from './delete-recorded.service.js';
import {
  DeletedRecordedFeedbackType,
  DeleteRecordedFeedbackInput,
  deleteRecordedFeedbackResult,
} from './deleted-recorded.type.js';
import type { RecordFeedbackService } from './record-feedback.service.js';
import { RecordFeedbackInput } from './recorded-feedback.input.js';
import {
  RecordedCountsType,
  RecordedFeedbackType,
  recordedFeedback,
  recordFeedbackResult,
  toRecordedCountsType,
  toRecordedFeedbackType,
} from './recorded-feedback.type.js';
import { RecordedFeedbackListArgs, recordedConditions } from './recorded-feedback-list.args.js';

@Resolver(() => RecordedFeedbackType)
export class RecordedFeedbackResolver {
  constructor(private readonly service: RecordFeedbackService) {}

  @FieldResolver(() => BaseModelType, { nullable: true, description: 'The model; null when it is gone.' })
  async model(@Root() { modelUuid }: RecordedFeedbackType, @Ctx() { loaders }: GraphQLContext) {
    const model = modelUuid === null ? null : await loaders.baseModels.byId.load(modelUuid);
    return model === null ? null : toBaseModelType(model);
  }

  @FieldResolver(() => GenerationType, {
    nullable: true,
    description: 'The generation; null of a prediction, and when it is gone: generations are kept for 7 days.',
  })
  async generation(@Root() { generationUuid }: RecordedFeedbackType, @Ctx() { loaders }: GraphQLContext) {
    const generation = generationUuid === null ? null : await loaders.generations.byId.load(generationUuid);
    return generation === null ? null : toGenerationType(generation);
  }

  @Mutation(() => recordFeedbackResult, {
    description:
      'Records what a user of an application thought of a generated answer or of a prediction: a thumb, a score, the right labels, or a better answer. What was shown is copied, so that it outlives the generation.',
  })
  recordFeedback(
    @Arg('input', () => RecordFeedbackInput, { description: 'What it is about, and what was thought of it.' })
    input: RecordFeedbackInput,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return orProblems(async () =>
      toRecordedFeedbackType(await loaded(loaders.recordedFeedback.byId, await this.service.record(input))),
    );
  }
}

@Resolver()
export class DeleteRecordedFeedbackResolver {
  constructor(private readonly service: DeleteRecordedService) {}

  @Mutation(() => deleteRecordedFeedbackResult, {
    description:
      'Deletes what applications recorded, for good: some of it, or all of a person who asks for that. Dataset versions that were made of it stay, as do models that learned from them.',
  })
  deleteRecordedFeedback(
    @Arg('input', () => DeleteRecordedFeedbackInput, { description: 'Which.' }) input: DeleteRecordedFeedbackInput,
  ) {
    return orProblems(async () =>
      Object.assign(new DeletedRecordedFeedbackType(), { count: await this.service.delete(input) }),
    );
  }
}

@Resolver(() => ProjectType)
export class ProjectRecordedFeedbackResolver {
  @FieldResolver(() => recordedFeedback.Connection, {
    nullable: true,
    description:
      'What users of applications thought of its models, newest first. Null, beside an error, for viewers who may not train.',
    complexity: pageComplexity,
  })
  recordedFeedback(
    @Root() { uuid }: ProjectType,
    @Args(() => RecordedFeedbackListArgs) page: RecordedFeedbackListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.recordedFeedback.ofProject,
      parent: uuid,
      page,
      listing: { where: recordedConditions(page.filter ?? {}) },
      toNode: toRecordedFeedbackType,
      toConnection: recordedFeedback.toConnection,
    });
  }
}

@Resolver(() => BaseModelType)
export class ModelRecordedFeedbackResolver {
  @FieldResolver(() => recordedFeedback.Connection, {
    nullable: true,
    description:
      'What users of applications thought of it, newest first. Null, beside an error, for viewers who may not train.',
    complexity: pageComplexity,
  })
  recordedFeedback(
    @Root() { uuid }: BaseModelType,
    @Args(() => RecordedFeedbackListArgs) page: RecordedFeedbackListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.recordedFeedback.ofModel,
      parent: uuid,
      page,
      listing: { where: recordedConditions(page.filter ?? {}) },
      toNode: toRecordedFeedbackType,
      toConnection: recordedFeedback.toConnection,
    });
  }

  @FieldResolver(() => RecordedCountsType, { description: 'How much feedback of applications it has.' })
  async recordedFeedbackCounts(@Root() { uuid }: BaseModelType, @Ctx() { loaders }: GraphQLContext) {
    return toRecordedCountsType(await loaders.recordedFeedback.countsOfModel.load(uuid));
  }
}
