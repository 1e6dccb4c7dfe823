import { type EventLogs, followLogs, type OnNewEvents } from '../events/event-logs.js';
import type { Query } from '../protocol/sql/query.js';
import { readFeedbackEnds, readFeedbackEvents, type StoredFeedbackEvent } from './feedback-event.reads.js';

declare module '../access/context.js' {
  interface LiveFeeds {
    /** A task's events with seq > afterSeq: the stored ones, then new ones, without gap or repetition. */
    feedbackEvents(taskId: string, afterSeq: number): AsyncIterable<StoredFeedbackEvent>;
  }
}

/** Live events of feedback tasks. */
export type FeedbackEvents = EventLogs<StoredFeedbackEvent>;

export function createFeedbackEvents(options: {
  readonly query: Query;
  readonly pollIntervalMs: number;
  readonly log: (message: string) => void;
  readonly onNew?: OnNewEvents | undefined;
}): FeedbackEvents {
  const { query } = options;
  return followLogs<StoredFeedbackEvent>(
    {
      what: 'events of feedback tasks',
      readPage: (taskId, afterSeq, limit) => readFeedbackEvents(query, taskId, afterSeq, limit),
      readEnds: (taskIds) => readFeedbackEnds(query, taskIds),
      isLast: () => false,
    },
    options,
  );
}
