import { Arg, Query, Resolver } from 'type-graphql';
import { projectSlugOptions } from '../graphql/project-slug.js';
import type { Query as DatabaseQuery } from '../protocol/sql/query.js';
import { projectBySlug } from './project.reads.js';
import { ProjectType, toProjectType } from './project.type.js';

/** A project by its slug. The slices that own the rows resolve the project's contents. */
@Resolver()
export class ProjectResolver {
  constructor(private readonly query: DatabaseQuery) {}

  @Query(() => ProjectType, {
    nullable: true,
    description: 'A project by its slug; null when no project that the viewer can see has it.',
  })
  async project(@Arg('slug', () => String, projectSlugOptions) slug: string): Promise<ProjectType | null> {
    const row = await projectBySlug(this.query, slug);
    return row === null ? null : toProjectType(row);
  }
}
