import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { BaseModelType } from '../models/base-model.type.js';
import { ExperimentType, experiments, toExperimentType } from './experiment.type.js';
import { ExperimentListArgs, experimentListing } from './experiment-list.args.js';

@Resolver(() => BaseModelType)
export class ModelExperimentsResolver {
  @FieldResolver(() => ExperimentType, {
    nullable: true,
    description: 'The experiment that produced the model; null when the model came from elsewhere.',
  })
  async producedBy(@Root() model: BaseModelType, @Ctx() { loaders }: GraphQLContext): Promise<ExperimentType | null> {
    if (model.producedByRunUuid === null) return null;
    const row = await loaders.experiments.byRunId.load(model.producedByRunUuid);
    return row === null ? null : toExperimentType(row);
  }

  @FieldResolver(() => experiments.Connection, {
    description: 'Experiments that start from the model, newest first.',
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
}
