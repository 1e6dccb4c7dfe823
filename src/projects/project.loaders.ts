import { createKeyLoader } from '../database/by-key.js';
import type { Query } from '../protocol/sql/query.js';
import { type ProjectRow, projectsByIds, projectsBySlugs } from './project.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly projects: ReturnType<typeof createProjectLoader>;
  }
}

export function createProjectLoader(query: Query) {
  return createKeyLoader<ProjectRow>(
    (ids) => projectsByIds(query, ids),
    (row) => row.id,
  );
}

export function createProjectBySlugLoader(query: Query) {
  return createKeyLoader<ProjectRow>(
    (slugs) => projectsBySlugs(query, slugs),
    (row) => row.slug,
  );
}
