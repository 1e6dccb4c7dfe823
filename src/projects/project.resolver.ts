import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { datasetByName } from '../datasets/dataset.reads.js';
import { DatasetType, datasets, toDatasetType } from '../datasets/dataset.type.js';
import { DatasetListArgs, datasetListing } from '../datasets/dataset-list.args.js';
import { evaluations, toEvaluationType } from '../evaluations/evaluation.type.js';
import { EvaluationListArgs, evaluationListing } from '../evaluations/evaluation-list.args.js';
import { experiments, toExperimentType } from '../experiments/experiment.type.js';
import { inStatus } from '../experiments/experiment-filter.input.js';
import { ExperimentListArgs, experimentListing } from '../experiments/experiment-list.args.js';
import { RunStatusEnum } from '../experiments/run-status.type.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { baseModelByName } from '../models/base-model.reads.js';
import { BaseModelType, baseModels, toBaseModelType } from '../models/base-model.type.js';
import { BaseModelListArgs, baseModelListing } from '../models/base-model-list.args.js';
import type { RunStatus } from '../protocol/run-status.js';
import type { Query as DatabaseQuery } from '../protocol/sql/query.js';
import { modelExports, toModelExportType } from '../transfers/model-export.type.js';
import { modelImports, toModelImportType } from '../transfers/model-import.type.js';
import { toWorkerType, WorkerType } from '../workers/worker.type.js';
import { projectBySlug } from './project.reads.js';
import { ProjectType, toProjectType } from './project.type.js';

const shownWorkers = 100;

@Resolver(() => ProjectType)
export class ProjectResolver {
  constructor(private readonly query: DatabaseQuery) {}

  @Query(() => ProjectType, { nullable: true, description: 'A project by its slug; null when there is none.' })
  async project(
    @Arg('slug', () => String, { defaultValue: 'default', description: 'Its slug.' }) slug: string,
  ): Promise<ProjectType | null> {
    const row = await projectBySlug(this.query, slug);
    return row === null ? null : toProjectType(row);
  }

  @FieldResolver(() => datasets.Connection, { description: 'Its datasets, newest first.', complexity: pageComplexity })
  datasets(
    @Root() project: ProjectType,
    @Args(() => DatasetListArgs) page: DatasetListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.datasets.ofProject,
      parent: project.uuid,
      page,
      listing: datasetListing(page),
      toNode: toDatasetType,
      toConnection: datasets.toConnection,
    });
  }

  @FieldResolver(() => DatasetType, { nullable: true, description: 'A dataset by name; null when there is none.' })
  async dataset(
    @Root() project: ProjectType,
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
  ): Promise<DatasetType | null> {
    const row = await datasetByName(this.query, project.uuid, name);
    return row === null ? null : toDatasetType(row);
  }

  @FieldResolver(() => baseModels.Connection, {
    description: 'Models that experiments can start from, those produced here included; newest first.',
    complexity: pageComplexity,
  })
  baseModels(
    @Root() project: ProjectType,
    @Args(() => BaseModelListArgs) page: BaseModelListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.baseModels.ofProject,
      parent: project.uuid,
      page,
      listing: baseModelListing(page),
      toNode: toBaseModelType,
      toConnection: baseModels.toConnection,
    });
  }

  @FieldResolver(() => BaseModelType, { nullable: true, description: 'A model by name; null when there is none.' })
  async baseModel(
    @Root() project: ProjectType,
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
  ): Promise<BaseModelType | null> {
    const row = await baseModelByName(this.query, project.uuid, name);
    return row === null ? null : toBaseModelType(row);
  }

  @FieldResolver(() => experiments.Connection, {
    description: 'Its experiments, newest first.',
    complexity: pageComplexity,
  })
  experiments(
    @Root() project: ProjectType,
    @Args(() => ExperimentListArgs) page: ExperimentListArgs,
    @Arg('status', () => [RunStatusEnum], {
      nullable: true,
      description: 'Only those in one of these statuses.',
      deprecationReason: 'Use `filter: { status: … }`, which says the same.',
    })
    status: RunStatus[] | null,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    const { where = [], ...listing } = experimentListing(page);
    return childConnection({
      loader: loaders.experiments.ofProject,
      parent: project.uuid,
      page,
      listing: { ...listing, where: status == null ? where : [...where, inStatus(status)] },
      toNode: toExperimentType,
      toConnection: experiments.toConnection,
    });
  }

  @FieldResolver(() => evaluations.Connection, {
    description: 'Its evaluations, newest first.',
    complexity: pageComplexity,
  })
  evaluations(
    @Root() project: ProjectType,
    @Args(() => EvaluationListArgs) page: EvaluationListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.evaluations.ofProject,
      parent: project.uuid,
      page,
      listing: evaluationListing(page),
      toNode: toEvaluationType,
      toConnection: evaluations.toConnection,
    });
  }

  @FieldResolver(() => modelImports.Connection, {
    description: 'Imports of models, newest first.',
    complexity: pageComplexity,
  })
  modelImports(@Root() project: ProjectType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.transfers.importsOfProject,
      parent: project.uuid,
      page,
      toNode: toModelImportType,
      toConnection: modelImports.toConnection,
    });
  }

  @FieldResolver(() => modelExports.Connection, {
    description: 'Exports of models, newest first.',
    complexity: pageComplexity,
  })
  modelExports(@Root() project: ProjectType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.transfers.exportsOfProject,
      parent: project.uuid,
      page,
      toNode: toModelExportType,
      toConnection: modelExports.toConnection,
    });
  }

  @FieldResolver(() => [WorkerType], {
    description: `Workers that may do its work, the ${shownWorkers} started last, whether online or not.`,
  })
  async workers(@Ctx() { loaders }: GraphQLContext): Promise<WorkerType[]> {
    return (await loaders.recentWorkers.load(shownWorkers)).map(toWorkerType);
  }
}
