import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { DatasetVersionType } from '../datasets/dataset-version.type.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { experiments, toExperimentType } from './experiment.type.js';
import { ExperimentListArgs, experimentListing } from './experiment-list.args.js';

@Resolver(() => DatasetVersionType)
export class VersionExperimentsResolver {
  @FieldResolver(() => experiments.Connection, {
    description: 'Experiments that learn from the version, newest first.',
    complexity: pageComplexity,
  })
  usedBy(
    @Root() version: DatasetVersionType,
    @Args(() => ExperimentListArgs) page: ExperimentListArgs,
    @Ctx() { loaders }: GraphQLContext,
  ) {
    return childConnection({
      loader: loaders.experiments.ofVersion,
      parent: version.uuid,
      page,
      listing: experimentListing(page),
      toNode: toExperimentType,
      toConnection: experiments.toConnection,
    });
  }
}
