import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Info, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { childConnection } from '../graphql/child-connection.js';
import { pageComplexity } from '../graphql/connection.js';
import { selectedOfPage } from '../graphql/selected-fields.js';
import { ProjectType } from '../projects/project.type.js';
import type { RunStatus } from '../protocol/run-status.js';
import { experimentColumns } from './experiment.reads.js';
import { experiments, toExperimentType } from './experiment.type.js';
import { inStatus } from './experiment-filter.input.js';
import { ExperimentListArgs, experimentListing, withCondition } from './experiment-list.args.js';
import { RunStatusEnum } from './run-status.type.js';

@Resolver(() => ProjectType)
export class ProjectExperimentsResolver {
  @FieldResolver(() => experiments.Connection, {
    description: "The project's experiments, newest first.",
    complexity: pageComplexity,
  })
  experiments(
    @Root() project: ProjectType,
    @Args(() => ExperimentListArgs) page: ExperimentListArgs,
    @Arg('status', () => [RunStatusEnum], {
      nullable: true,
      description: 'Only experiments in one of these statuses.',
      deprecationReason: 'Use `filter: { status: … }`, which says the same.',
    })
    status: RunStatus[] | null,
    @Ctx() { loaders }: GraphQLContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    const { ofNodes, withCursors } = selectedOfPage(info);
    const listing = experimentListing(page);
    return childConnection({
      loader: loaders.experiments.ofProject,
      parent: project.uuid,
      page,
      listing: status == null ? listing : withCondition(listing, inStatus(status)),
      selected: { select: experimentColumns.exactly(ofNodes), withCursors },
      toNode: toExperimentType,
      toConnection: experiments.toConnection,
    });
  }
}
