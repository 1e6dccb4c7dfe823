import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Info, Query, Resolver } from 'type-graphql';
import { projectSlugOptions } from '../graphql/project-slug.js';
import { selectedFields } from '../graphql/selected-fields.js';
import type { Query as DatabaseQuery } from '../protocol/sql/query.js';
import type { KnownProjects } from './known-projects.js';
import { projectBySlug } from './project.reads.js';
import { ProjectType, toProjectType } from './project.type.js';

/** A project by its slug. The slices that own the rows resolve the project's contents. */
@Resolver()
export class ProjectResolver {
  constructor(
    private readonly query: DatabaseQuery,
    private readonly known: Pick<KnownProjects, 'bySlug'>,
  ) {}

  @Query(() => ProjectType, {
    nullable: true,
    description: 'A project by its slug; null when no project that the viewer can see has it.',
  })
  async project(
    @Arg('slug', () => String, projectSlugOptions) slug: string,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ProjectType | null> {
    // Its name is all of it that can change.
    const row = await (selectedFields(info).has('name') ? projectBySlug(this.query, slug) : this.known.bySlug(slug));
    return row === null ? null : toProjectType(row);
  }
}
