import { type EventLogs, followLogs, type OnNewEvents } from '../events/event-logs.js';
import type { StoredRunEvent } from '../protocol/run-event.js';
import { isTerminal } from '../protocol/run-status.js';
import type { Query } from '../protocol/sql/query.js';
import { readRunEnds, readRunEvents } from './run-event.reads.js';

declare module '../access/context.js' {
  interface LiveFeeds {
    /**
     * A run's events with seq > afterSeq: the stored ones, then new ones, without gap or repetition; ends after the
     * last.
     */
    runEvents(runId: string, afterSeq: number): AsyncIterable<StoredRunEvent>;
  }
}

/** Live events of runs. A run's log is closed by the event that ends the run. */
export type RunEvents = EventLogs<StoredRunEvent>;

export function createRunEvents(options: {
  readonly query: Query;
  readonly pollIntervalMs: number;
  readonly log: (message: string) => void;
  readonly onNew?: OnNewEvents | undefined;
}): RunEvents {
  const { query } = options;
  return followLogs<StoredRunEvent>(
    {
      what: 'run events',
      readPage: (runId, afterSeq, limit) => readRunEvents(query, runId, afterSeq, limit),
      readEnds: async (runIds) =>
        (await readRunEnds(query, runIds)).map(({ runId, status, lastSeq }) => ({
          ownerId: runId,
          lastSeq,
          closed: isTerminal(status),
        })),
      isLast: ({ event }) => event.kind === 'statusChanged' && isTerminal(event.to),
    },
    options,
  );
}
