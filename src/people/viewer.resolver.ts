import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { GraphQLContext } from '../access/context.js';
import { type Role, type Scope, scopes } from '../access/rights.js';
import { theServer } from '../access/server-parent.js';
import { may, onlyProject, roleIn } from '../access/viewer.js';
import type { Listing } from '../database/child-pages.js';
import { childConnection } from '../graphql/child-connection.js';
import { PageArgs, pageComplexity } from '../graphql/connection.js';
import { existing } from '../graphql/load-row.js';
import { projectsAmong } from '../projects/project.reads.js';
import { ProjectType, projects, toProjectType } from '../projects/project.type.js';
import { toUserType, UserType } from './user.type.js';
import { RoleEnum, ScopeEnum, toViewerType, ViewerType } from './viewer.type.js';

@Resolver(() => ProjectType)
export class ViewerResolver {
  @Query(() => ViewerType, { description: 'Who is asking.' })
  viewer(@Ctx() { viewer }: GraphQLContext): ViewerType {
    return toViewerType(viewer);
  }

  @Query(() => projects.Connection, {
    description: 'Projects that the viewer can see, by slug.',
    complexity: pageComplexity,
  })
  projects(@Args(() => PageArgs) page: PageArgs, @Ctx() { loaders, viewer }: GraphQLContext) {
    return childConnection({
      loader: loaders.people.projectsOfServer,
      parent: theServer,
      page,
      listing: listedFor(viewer),
      toNode: toProjectType,
      toConnection: projects.toConnection,
    });
  }

  @FieldResolver(() => RoleEnum, { description: "The viewer's role in the project." })
  viewerRole(@Root() project: ProjectType, @Ctx() { viewer }: GraphQLContext): Role {
    return roleIn(viewer, project.uuid) ?? 'VIEWER';
  }

  @FieldResolver(() => [ScopeEnum], {
    description:
      'What the viewer may do in the project: the scopes that the role has and, if the viewer uses an API key, the key has too.',
  })
  viewerScopes(@Root() project: ProjectType, @Ctx() { viewer }: GraphQLContext): Scope[] {
    return scopes.filter((scope) => may(viewer, scope, project.uuid));
  }
}

@Resolver(() => ViewerType)
export class ViewerUserResolver {
  @FieldResolver(() => UserType, {
    description:
      'The viewer as other users see them: `author` fields return this user, and filters by author take its id.',
  })
  async user(@Root() { viewer }: ViewerType, @Ctx() { loaders }: GraphQLContext): Promise<UserType> {
    return toUserType(await existing(loaders.people.userById, viewer.userId));
  }
}

/** The projects that the viewer's list shows. */
function listedFor(viewer: GraphQLContext['viewer']): Listing {
  const { administrator, roles } = viewer;
  const only = onlyProject(viewer);
  if (administrator) return only === null ? {} : { where: [projectsAmong([only])] };
  const ids = [...roles.keys()].filter((id) => only === null || id === only);
  return { where: [projectsAmong(ids)] };
}
