import { type EventLogs, followLogs, type OnNewEvents } from '../events/event-logs.js';
import type { Query } from '../protocol/sql/query.js';
import { readLoopEnds, readLoopEvents, type StoredLoopEvent } from './loop-event.reads.js';

declare module '../access/context.js' {
  interface LiveFeeds {
    /** A loop's events with seq > afterSeq: the stored ones, then new ones, without gap or repetition. */
    loopEvents(loopId: string, afterSeq: number): AsyncIterable<StoredLoopEvent>;
  }
}

/** Live events of feedback loops. */
export type LoopEvents = EventLogs<StoredLoopEvent>;

export function createLoopEvents(options: {
  readonly query: Query;
  readonly pollIntervalMs: number;
  readonly log: (message: string) => void;
  readonly onNew?: OnNewEvents | undefined;
}): LoopEvents {
  const { query } = options;
  return followLogs<StoredLoopEvent>(
    {
      what: 'events of feedback loops',
      readPage: (loopId, afterSeq, limit) => readLoopEvents(query, loopId, afterSeq, limit),
      readEnds: (loopIds) => readLoopEnds(query, loopIds),
      isLast: ({ event }) => event.kind === 'statusChanged' && event.to === 'ENDED',
    },
    options,
  );
}
