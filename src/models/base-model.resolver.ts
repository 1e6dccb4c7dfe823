import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { evaluations, toEvaluationType } from '../evaluations/evaluation.type.js';
import { EvaluationListArgs, evaluationListing } from '../evaluations/evaluation-list.args.js';
import { ExperimentType, experiments, toExperimentType } from '../experiments/experiment.type.js';
import { ExperimentListArgs, experimentListing } from '../experiments/experiment-list.args.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { modelExports, toModelExportType } from '../transfers/model-export.type.js';
import { BaseModelType } from './base-model.type.js';

@Resolver(() => BaseModelType)
export class BaseModelResolver {
  @FieldResolver(() => ExperimentType, {
    nullable: true,
    description: 'The experiment it came out of; null when it was registered from elsewhere.',
  })
  async producedBy(@Root() model: BaseModelType, @Ctx() { loaders }: GraphQLContext): Promise<ExperimentType | null> {
    if (model.producedByRunUuid === null) return null;
    const row = await loaders.experiments.byRunId.load(model.producedByRunUuid);
    return row === null ? null : toExperimentType(row);
  }

  @FieldResolver(() => experiments.Connection, {
    description: 'Experiments that start from it, newest first.',
    complexity: pageComplexity,
  })
  usedBy(
    @Root() model: BaseModelType,
    @Args(() => ExperimentListArgs) page: ExperimentListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.experiments.ofBaseModel,
      parent: model.uuid,
      page,
      listing: experimentListing(page),
      toNode: toExperimentType,
      toConnection: experiments.toConnection,
    });
  }

  @FieldResolver(() => evaluations.Connection, {
    description: 'Its evaluations, newest first.',
    complexity: pageComplexity,
  })
  evaluations(
    @Root() model: BaseModelType,
    @Args(() => EvaluationListArgs) page: EvaluationListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.evaluations.ofModel,
      parent: model.uuid,
      page,
      listing: evaluationListing(page),
      toNode: toEvaluationType,
      toConnection: evaluations.toConnection,
    });
  }

  @FieldResolver(() => modelExports.Connection, {
    description: 'Its exports, newest first.',
    complexity: pageComplexity,
  })
  exports(@Root() model: BaseModelType, @Args(() => PageArgs) page: PageArgs, @Ctx() { loaders }: GraphQLContext) {
    return childConnection({
      loader: loaders.transfers.exportsOfModel,
      parent: model.uuid,
      page,
      toNode: toModelExportType,
      toConnection: modelExports.toConnection,
    });
  }
}
