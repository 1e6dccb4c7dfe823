import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, Extensions, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetVersionType } from '../datasets/dataset-version.type.js';
import { datasetVersionsOf } from '../datasets/dataset-versions-of.js';
import { BaselineType, toBaselineType } from '../evaluations/baseline.type.js';
import { evaluationColumns } from '../evaluations/evaluation.reads.js';
import { EvaluationType, evaluations, toEvaluationType } from '../evaluations/evaluation.type.js';
import { EvaluationListArgs, evaluationListing } from '../evaluations/evaluation-list.args.js';
import { FindingType } from '../evaluations/finding.type.js';
import { newestEvaluation } from '../evaluations/newest-evaluation.js';
import { toFindingTypes } from '../evaluations/to-finding-types.js';
import { childConnections } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { EventRangeArgs, eventsComplexity, maxEventsShown, readEventRange } from '../graphql/event-range.js';
import { forAll, forOne } from '../graphql/execution/for-all.js';
import { parseGlobalId } from '../graphql/global-id.js';
import { existing } from '../graphql/load-row.js';
import { selectedFields, selectedOfPage } from '../graphql/selected-fields.js';
import { baseModelColumns } from '../models/base-model.reads.js';
import { BaseModelType, toBaseModelType } from '../models/base-model.type.js';
import { baseModelsOf } from '../models/base-models-of.js';
import type { RunEventKind } from '../protocol/run-event.js';
import { CheckpointType, toCheckpointType } from './checkpoint.type.js';
import { experimentColumns } from './experiment.reads.js';
import { ExperimentType, toExperimentType } from './experiment.type.js';
import { EventKindEnum, ExperimentEventPageType, toExperimentEventType } from './experiment-event.type.js';
import { isOfKinds, toStoredRunEvent } from './run.reads.js';
import { RunAttemptType, toRunAttemptType } from './run-attempt.type.js';

@Resolver(() => ExperimentType)
export class ExperimentResolver {
  @Query(() => ExperimentType, { nullable: true, description: 'An experiment by its id; null when it does not exist.' })
  async experiment(
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
    @Ctx() { loaders }: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ExperimentType | null> {
    const parsed = parseGlobalId(id);
    if (parsed?.type !== 'Experiment') return null;
    const row = await loaders.experiments.byId
      .selecting(experimentColumns.light(selectedFields(info)))
      .load(parsed.uuid);
    return row === null ? null : toExperimentType(row);
  }

  @Extensions(forAll(baseModelsOf))
  @FieldResolver(() => BaseModelType, { description: 'The model that the experiment starts from.' })
  baseModel(
    @Root() experiment: ExperimentType,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<BaseModelType> {
    return forOne(baseModelsOf, experiment, null, context, info);
  }

  @Extensions(forAll(datasetVersionsOf))
  @FieldResolver(() => DatasetVersionType, { description: 'The data that the experiment learns from.' })
  datasetVersion(
    @Root() experiment: ExperimentType,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<DatasetVersionType> {
    return forOne(datasetVersionsOf, experiment, null, context, info);
  }

  @FieldResolver(() => [BaselineType], {
    description:
      'Scores without learning anything, of each task, on the examples that are measured after each epoch; empty for experiments older than this field.',
  })
  async baselines(@Root() experiment: ExperimentType, @Ctx() { loaders }: GraphQLContext): Promise<BaselineType[]> {
    return (await existing(loaders.experiments.judgement, experiment.uuid)).baselines.map(toBaselineType);
  }

  @FieldResolver(() => [FindingType], {
    description:
      'What a person should know, although nothing failed, warnings first: of the data, from the creation on; of the model on its validation examples, and of the loss, once the run has succeeded.',
  })
  async findings(@Root() experiment: ExperimentType, @Ctx() { loaders }: GraphQLContext): Promise<FindingType[]> {
    return toFindingTypes((await existing(loaders.experiments.judgement, experiment.uuid)).findings);
  }

  @FieldResolver(() => [RunAttemptType], { description: "The run's attempts, the first one first." })
  async attempts(@Root() experiment: ExperimentType, @Ctx() { loaders }: GraphQLContext): Promise<RunAttemptType[]> {
    return (await loaders.experiments.attempts.load(experiment.runUuid)).map(toRunAttemptType);
  }

  @FieldResolver(() => [CheckpointType], { description: "The run's checkpoints by step, pruned ones included." })
  async checkpoints(@Root() experiment: ExperimentType, @Ctx() { loaders }: GraphQLContext): Promise<CheckpointType[]> {
    return (await loaders.experiments.checkpoints.load(experiment.runUuid)).map(toCheckpointType);
  }

  @FieldResolver(() => BaseModelType, {
    nullable: true,
    description: 'The model that the experiment produced; null until then.',
  })
  async model(
    @Root() experiment: ExperimentType,
    @Ctx() { loaders }: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<BaseModelType | null> {
    const models = loaders.baseModels.byRunId.selecting(baseModelColumns.light(selectedFields(info)));
    const row = await models.load(experiment.runUuid);
    return row === null ? null : toBaseModelType(row);
  }

  @Extensions(forAll(evaluationsOf))
  @FieldResolver(() => evaluations.Connection, {
    description: 'Evaluations of the model that the experiment produced, newest first.',
    complexity: pageComplexity,
  })
  evaluations(
    @Root() experiment: ExperimentType,
    @Args(() => EvaluationListArgs) page: EvaluationListArgs,
    @Ctx() context: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return forOne(evaluationsOf, experiment, page, context, info);
  }

  @FieldResolver(() => EvaluationType, {
    nullable: true,
    description: 'The newest evaluation of the model that the experiment produced, whatever its status.',
  })
  latestEvaluation(@Root() experiment: ExperimentType, @Ctx() { loaders }: GraphQLContext) {
    return newestEvaluation(loaders.evaluations.ofRun, experiment.runUuid);
  }

  @Extensions({ maxPageSize: maxEventsShown })
  @FieldResolver(() => ExperimentEventPageType, {
    description:
      "A range of the experiment's event log. To follow the log live, use the subscription experimentEvents.",
    complexity: eventsComplexity,
  })
  async events(
    @Root() experiment: ExperimentType,
    @Args(() => EventRangeArgs) range: EventRangeArgs,
    @Arg('kinds', () => [EventKindEnum], { nullable: true, description: 'Only events of these kinds. Default: all.' })
    kinds: RunEventKind[] | null,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ExperimentEventPageType> {
    const where = kinds == null ? [] : [isOfKinds(kinds)];
    const { rows, ...rest } = await readEventRange(loaders.experiments.events, experiment.runUuid, range, where);
    const events = rows.map((row) => toExperimentEventType(toStoredRunEvent(row)));
    return Object.assign(new ExperimentEventPageType(), { events, ...rest });
  }
}

/** Pages of the evaluations of the models that came out of experiments. */
function evaluationsOf(
  sources: readonly ExperimentType[],
  page: EvaluationListArgs,
  { loaders }: GraphQLContext,
  info: GraphQLResolveInfo,
) {
  const { ofNodes, withCursors } = selectedOfPage(info);
  return childConnections({
    loader: loaders.evaluations.ofRun,
    parents: sources.map(({ runUuid }) => runUuid),
    page,
    listing: evaluationListing(page),
    selected: { select: evaluationColumns.exactly(ofNodes), withCursors },
    toNode: toEvaluationType,
    toConnection: evaluations.toConnection,
  });
}
