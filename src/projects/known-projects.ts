import type { Query } from '../protocol/sql/query.js';
import { type ProjectRow, projectBySlug } from './project.reads.js';

/**
 * How long a project is taken for what the database said. Its deletion is notified and ends that at once; this bounds
 * what a lost notification can do.
 */
const keptMs = 1_000;
const maxKept = 1_000;

/** The projects that were looked up by their slug a moment ago: nearly every operation begins with one. */
export interface KnownProjects {
  /** The project with a slug; null: there is none. Its name, which alone can change, may be a moment old. */
  bySlug(slug: string): Promise<ProjectRow | null>;
  /** Looks all of them up again: one may have been deleted, in the database already. */
  forget(): void;
}

interface Known {
  readonly project: ProjectRow;
  readonly endsAt: number;
}

/** @param now milliseconds */
export function createKnownProjects(query: Query, now: () => number = () => performance.now()): KnownProjects {
  const known = new Map<string, Known>();
  /** Counts what may have been deletions: what was read while one was notified may be what was before. */
  let changes = 0;
  return {
    async bySlug(slug) {
      const found = known.get(slug);
      if (found !== undefined && now() < found.endsAt) return found.project;
      known.delete(slug);
      const before = changes;
      const project = await projectBySlug(query, slug);
      if (project === null || before !== changes) return project;
      // The one that was looked up longest ago.
      const [oldest] = known.keys();
      if (known.size >= maxKept && oldest !== undefined) known.delete(oldest);
      known.set(slug, { project, endsAt: now() + keptMs });
      return project;
    },

    forget() {
      changes += 1;
      known.clear();
    },
  };
}
