import { type ClassType, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext, Loaders } from '../access/context.js';
import { DatasetVersionType, toDatasetVersionType } from '../datasets/dataset-version.type.js';
import { EvaluationType, toEvaluationType } from '../evaluations/evaluation.type.js';
import { ExperimentType, toExperimentType } from '../experiments/experiment.type.js';
import { FeedbackTaskType, toFeedbackTaskType } from '../feedback/feedback-task.type.js';
import { existing } from '../graphql/load-row.js';
import { BaseModelType } from '../models/base-model.type.js';
import { modelOrNull } from './loop.resolver.js';
import { FeedbackLoopRoundType, FeedbackLoopType, toFeedbackLoopRoundType, toFeedbackLoopType } from './loop.type.js';

const orDeleted = 'null: not yet, or deleted since.';

/** What a round leads to. */
@Resolver(() => FeedbackLoopRoundType)
export class FeedbackLoopRoundResolver {
  @FieldResolver(() => FeedbackLoopType, { description: 'The loop.' })
  async loop(@Root() { row }: FeedbackLoopRoundType, @Ctx() { loaders }: GraphQLContext): Promise<FeedbackLoopType> {
    return toFeedbackLoopType(await existing(loaders.loops.byId, row.loopId));
  }

  @FieldResolver(() => FeedbackTaskType, {
    nullable: true,
    description: `The task in which people were asked; ${orDeleted}`,
  })
  task(@Root() { row }: FeedbackLoopRoundType, @Ctx() { loaders }: GraphQLContext) {
    return taskOrNull(loaders, row.taskId);
  }

  @FieldResolver(() => DatasetVersionType, {
    nullable: true,
    description: `The version of all answers so far, which its model learnt from; ${orDeleted}`,
  })
  async datasetVersion(
    @Root() { row }: FeedbackLoopRoundType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<DatasetVersionType | null> {
    const { datasetVersionId: id } = row;
    const version = id === null ? null : await loaders.datasets.versionById.load(id);
    return version === null ? null : toDatasetVersionType(version);
  }

  @FieldResolver(() => ExperimentType, { nullable: true, description: `Its training; ${orDeleted}` })
  async experiment(
    @Root() { row }: FeedbackLoopRoundType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ExperimentType | null> {
    const experiment = row.experimentId === null ? null : await loaders.experiments.byId.load(row.experimentId);
    return experiment === null ? null : toExperimentType(experiment);
  }

  @FieldResolver(() => BaseModelType, { nullable: true, description: `The model that was trained; ${orDeleted}` })
  model(@Root() { row }: FeedbackLoopRoundType, @Ctx() { loaders }: GraphQLContext) {
    return modelOrNull(loaders, row.modelId);
  }

  @FieldResolver(() => EvaluationType, {
    nullable: true,
    description: `The evaluation of the model, on the same rows as in all rounds; ${orDeleted}`,
  })
  async evaluation(
    @Root() { row }: FeedbackLoopRoundType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<EvaluationType | null> {
    const evaluation = row.evaluationId === null ? null : await loaders.evaluations.byId.load(row.evaluationId);
    return evaluation === null ? null : toEvaluationType(evaluation);
  }

  @FieldResolver(() => EvaluationType, {
    nullable: true,
    description: `The evaluation of the model on held-out pairs; ${orDeleted}`,
  })
  async preferenceEvaluation(
    @Root() { row: { preferenceEvaluationId: id } }: FeedbackLoopRoundType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<EvaluationType | null> {
    const evaluation = id === null ? null : await loaders.evaluations.byId.load(id);
    return evaluation === null ? null : toEvaluationType(evaluation);
  }

  @FieldResolver(() => FeedbackTaskType, {
    nullable: true,
    description: `The task in which people compared the model with the former one; ${orDeleted}`,
  })
  judgingTask(@Root() { row }: FeedbackLoopRoundType, @Ctx() { loaders }: GraphQLContext) {
    return taskOrNull(loaders, row.judgingTaskId);
  }

  @FieldResolver(() => FeedbackTaskType, {
    nullable: true,
    description: `The task in which people compared the model with the one that the loop began with; ${orDeleted}`,
  })
  startJudgingTask(@Root() { row }: FeedbackLoopRoundType, @Ctx() { loaders }: GraphQLContext) {
    return taskOrNull(loaders, row.startJudgingTaskId);
  }
}

async function taskOrNull(loaders: Loaders, id: string | null): Promise<FeedbackTaskType | null> {
  const task = id === null ? null : await loaders.feedback.taskById.load(id);
  return task === null ? null : toFeedbackTaskType(task);
}

interface OfRounds {
  readonly uuid: string;
}

function roundsResolver<Type extends OfRounds>(
  Of: ClassType<Type>,
  loader: (loaders: Loaders['loops']) => Loaders['loops']['roundsOfTask'],
  description: string,
) {
  @Resolver(() => Of)
  class RoundsResolver {
    @FieldResolver(() => [FeedbackLoopRoundType], {
      description,
      complexity: ({ childComplexity }) => 2 * childComplexity,
    })
    async feedbackLoopRounds(@Root() { uuid }: OfRounds, @Ctx() { loaders }: GraphQLContext) {
      return (await loader(loaders.loops).load(uuid)).map(toFeedbackLoopRoundType);
    }
  }
  return RoundsResolver;
}

/** From what rounds made to the rounds. */
export const loopRoundResolvers = [
  roundsResolver(
    FeedbackTaskType,
    (loops) => loops.roundsOfTask,
    'The rounds of feedback loops in which it asks people, the newest first.',
  ),
  roundsResolver(
    DatasetVersionType,
    (loops) => loops.roundsOfVersion,
    'The rounds of feedback loops that made it, the newest first.',
  ),
  roundsResolver(
    ExperimentType,
    (loops) => loops.roundsOfExperiment,
    'The rounds of feedback loops whose training it is, the newest first.',
  ),
  roundsResolver(
    BaseModelType,
    (loops) => loops.roundsOfModel,
    'The rounds of feedback loops that trained it, the newest first.',
  ),
];
