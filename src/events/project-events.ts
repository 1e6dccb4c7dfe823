import type { StoredProjectEvent } from '../activity/project-event.js';
import { readProjectEvents, readProjectLogEnds } from '../activity/project-event.reads.js';
import type { Query } from '../protocol/sql/query.js';
import { type EventLogs, followLogs } from './event-logs.js';

/** Live events of projects: logs that are never closed. */
export type ProjectEvents = EventLogs<StoredProjectEvent>;

export function createProjectEvents(options: {
  readonly query: Query;
  readonly pollIntervalMs: number;
  readonly log: (message: string) => void;
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
