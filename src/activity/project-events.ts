import { type EventLogs, followLogs, type OnNewEvents } from '../events/event-logs.js';
import type { Query } from '../protocol/sql/query.js';
import type { StoredProjectEvent } from './project-event.js';
import { type ProjectLogEnd, readProjectEvents, readProjectLogEnds } from './project-event.reads.js';

declare module '../access/context.js' {
  interface LiveFeeds {
    /**
     * A project's events with seq > afterSeq, or with null the events to come: without gap or repetition, without end.
     */
    projectEvents(projectId: string, afterSeq: number | null): AsyncIterable<StoredProjectEvent>;
    /** The project with this slug and the end of its log; null when no project has this slug. */
    projectLogEnd(slug: string): Promise<ProjectLogEnd | null>;
  }
}

/** Live events of projects: logs that are never closed. */
export type ProjectEvents = EventLogs<StoredProjectEvent>;

export function createProjectEvents(options: {
  readonly query: Query;
  readonly pollIntervalMs: number;
  readonly log: (message: string) => void;
  readonly onNew?: OnNewEvents | undefined;
}): ProjectEvents {
  const { query } = options;
  return followLogs<StoredProjectEvent>(
    {
      what: 'project events',
      readPage: (projectId, afterSeq, limit) => readProjectEvents(query, projectId, afterSeq, limit),
      readEnds: async (projectIds) =>
        (await readProjectLogEnds(query, projectIds)).map(({ projectId, lastSeq }) => ({
          ownerId: projectId,
          lastSeq,
          closed: false,
        })),
      isLast: () => false,
    },
    options,
  );
}
