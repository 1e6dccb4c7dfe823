import type { StoredRunEvent } from '../protocol/run-event.js';

/** Feeds behind the subscriptions. Each ends when its consumer returns or the server closes. */
export interface LiveFeeds {
  /** A run's events with seq > afterSeq: those stored, then those to come, without gap or repeat; ends after the last. */
  runEvents(runId: string, afterSeq: number): AsyncIterable<StoredRunEvent>;
  /** The id of each worker whose row changed. */
  workerChanges(): AsyncIterable<string>;
}
