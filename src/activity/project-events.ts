import { type EventLogs, followLogs } from '../events/event-logs.js';
import type { Query } from '../protocol/sql/query.js';
import type { StoredProjectEvent } from './project-event.js';
import { readProjectEvents, readProjectLogEnds } from './project-event.reads.js';

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
