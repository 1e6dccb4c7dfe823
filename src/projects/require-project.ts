import { noSuchProject } from '../access/refusals.js';
import type { Query } from '../protocol/sql/query.js';
import { type ProjectRow, projectBySlug } from './project.reads.js';

/** The project that a mutation's `projectSlug` names. Throws ProblemsError NOT_FOUND. */
export async function requireProject(query: Query, slug: string): Promise<ProjectRow> {
  const project = await projectBySlug(query, slug);
  if (project === null) throw noSuchProject(slug, ['projectSlug']);
  return project;
}
