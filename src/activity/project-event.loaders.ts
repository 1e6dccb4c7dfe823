import { createKeyLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { Query } from '../protocol/sql/query.js';
import { eventsOfProject, type ProjectEventRow, readProjectLogEnds } from './project-event.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly projectEvents: ReturnType<typeof createProjectEventLoaders>;
  }
}

export function createProjectEventLoaders(query: Query) {
  return {
    ofProject: createChildPageLoader<ProjectEventRow>(query, eventsOfProject),
    /** The end of a project's log. */
    end: createKeyLoader(
      (ids) => readProjectLogEnds(query, ids),
      (row) => row.projectId,
    ),
  };
}
