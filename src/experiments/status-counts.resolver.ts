import { Arg, Ctx, Field, FieldResolver, Int, ObjectType, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { BigIntScalar } from '../graphql/scalars.js';
import { ProjectType } from '../projects/project.type.js';
import type { RunStatus } from '../protocol/run-status.js';
import { ExperimentType } from './experiment.type.js';
import { archivedOrNot, archivedToo, wantsArchived } from './experiment-filter.input.js';
import { RunStatusEnum } from './run-status.type.js';

@ObjectType('ExperimentStatusCount', { description: 'How many experiments are in a status.', simpleResolvers: true })
export class ExperimentStatusCountType {
  @Field(() => RunStatusEnum, { description: 'The status.' })
  status!: RunStatus;

  @Field(() => BigIntScalar, { description: 'How many of the experiments are in it.' })
  experimentCount!: number;
}

@Resolver(() => ProjectType)
export class StatusCountsResolver {
  @FieldResolver(() => [ExperimentStatusCountType], {
    description: 'How many of the experiments are in each status; every status is in the list.',
    complexity: ({ childComplexity }) => 5 + childComplexity,
  })
  async experimentStatusCounts(
    @Root() project: ProjectType,
    @Arg('archived', () => Boolean, { nullable: true, description: archivedOrNot }) archived: boolean | null,
    @Arg('includeArchived', () => Boolean, { nullable: true, description: archivedToo }) includeArchived:
      | boolean
      | null,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<ExperimentStatusCountType[]> {
    const found = await loaders.experiments.statusCounts.load({
      projectId: project.uuid,
      archived: wantsArchived({ archived, includeArchived }),
    });
    const counts = new Map(found.map(({ status, experimentCount }) => [status, experimentCount]));
    return Object.values(RunStatusEnum).map((status) => ({ status, experimentCount: counts.get(status) ?? 0 }));
  }
}

@Resolver(() => ExperimentType)
export class QueuePositionResolver {
  @FieldResolver(() => Int, {
    nullable: true,
    description:
      "The experiment's place among all that wait for a worker of this server, of every project: 1 is next. Null unless the status is QUEUED.",
  })
  async queuePosition(@Root() experiment: ExperimentType, @Ctx() { loaders }: GraphQLContext): Promise<number | null> {
    return (await loaders.experiments.queuePosition.load(experiment.runUuid))?.position ?? null;
  }
}
