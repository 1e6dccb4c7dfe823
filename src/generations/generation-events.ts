import { type EventLogs, followLogs, type OnNewEvents } from '../events/event-logs.js';
import type { Query } from '../protocol/sql/query.js';
import { readGenerationEnds, readGenerationEvents, type StoredGenerationEvent } from './generation.reads.js';

declare module '../access/context.js' {
  interface LiveFeeds {
    /**
     * A generation's events with seq > afterSeq: the stored ones, then new ones, without gap or repetition; ends after
     * the last. While it is consumed, somebody listens to the generation.
     */
    generationEvents(generationId: string, afterSeq: number): AsyncIterable<StoredGenerationEvent>;
    /** Somebody has just read how far a generation is. */
    seenGeneration(generationId: string): Promise<void>;
  }
}

/** Live events of generations. */
export type GenerationEvents = EventLogs<StoredGenerationEvent>;

export function createGenerationEvents(options: {
  readonly query: Query;
  readonly pollIntervalMs: number;
  readonly log: (message: string) => void;
  readonly onNew?: OnNewEvents | undefined;
}): GenerationEvents {
  const { query } = options;
  return followLogs<StoredGenerationEvent>(
    {
      what: 'events of generations',
      readPage: (generationId, afterSeq, limit) => readGenerationEvents(query, generationId, afterSeq, limit),
      readEnds: (generationIds) => readGenerationEnds(query, generationIds),
      isLast: ({ event }) => event.kind === 'ended',
    },
    options,
  );
}
