import { type ClassType, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { existing } from '../graphql/load-row.js';
import { ProjectType, toProjectType } from '../projects/project.type.js';
import { objectsOfProjects } from './objects-of-projects.js';

interface OfProject {
  readonly projectUuid: string;
}

function belongingResolver(Type: ClassType<OfProject>) {
  @Resolver(() => Type)
  class BelongingResolver {
    @FieldResolver(() => ProjectType, { description: 'The project that the object belongs to.' })
    async project(@Root() { projectUuid }: OfProject, @Ctx() { loaders }: GraphQLContext): Promise<ProjectType> {
      return toProjectType(await existing(loaders.projects, projectUuid));
    }
  }
  return BelongingResolver;
}

/**
 * The field `project` of objects that can be reached by their id alone. It shows which project they belong to, and what
 * the viewer may do with them there.
 */
export const belongingResolvers = objectsOfProjects.map(belongingResolver);
