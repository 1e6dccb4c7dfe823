import { Ctx, FieldResolver, Resolver } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { ProjectType } from '../projects/project.type.js';
import { toWorkerType, WorkerType } from './worker.type.js';

const shownWorkers = 100;

@Resolver(() => ProjectType)
export class ProjectWorkersResolver {
  @FieldResolver(() => [WorkerType], {
    description: `Workers that may do the project's work: the ${shownWorkers} started last, whether online or not.`,
  })
  async workers(@Ctx() { loaders }: GraphQLContext): Promise<WorkerType[]> {
    return (await loaders.recentWorkers.load(shownWorkers)).map(toWorkerType);
  }
}
