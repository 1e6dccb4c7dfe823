import type { Pool } from 'pg';
import type { GenerationEvent } from '../../src/protocol/generation.js';
import type { Log } from '../log.js';
import { queryOf } from '../queue/connection.js';
import { writeGenerated } from '../queue/generation-row.js';
import type { HeldJob } from '../queue/job-row.js';
import { retryTransient } from '../queue/retry.js';
import { joinTokens } from './join-tokens.js';

export interface GenerationWriter {
  /** Queues events. They are written in the order in which they are queued. */
  push(events: readonly GenerationEvent[]): void;
  /** Resolves when all queued events are committed; rejects with the error that stopped the writing. */
  drain(): Promise<void>;
}

/**
 * Writes what a generation says: at once, in order, each batch exactly once, whatever happens to the connection. What
 * is said during a write goes into the next one.
 *
 * `onFailed` is called once, and nothing more is written after it. `signal` is aborted when the lease is lost; until
 * then the writer waits while the database is unreachable.
 */
export function createGenerationWriter(options: {
  readonly pool: Pool;
  readonly job: HeldJob;
  readonly generationId: string;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly onFailed: (error: Error) => void;
}): GenerationWriter {
  const { pool, job, generationId, signal, log } = options;
  let queue: GenerationEvent[] = [];
  let writtenBatches = 0;
  let writing: Promise<void> | null = null;
  let failure: Error | null = null;

  const writeAll = async (): Promise<void> => {
    while (queue.length > 0) {
      const events = joinTokens(queue);
      queue = [];
      const writer = { attempt: job.attempt, batch: writtenBatches + 1 };
      await retryTransient(() => writeGenerated(queryOf(pool), job.id, generationId, events, writer), {
        signal,
        onRetry: (error, delayMs) =>
          log.warn({ generationId, delayMs, reason: error.message }, 'Writing what a generation says failed'),
      });
      writtenBatches += 1;
    }
  };
  const fail = (error: unknown): void => {
    failure = error instanceof Error ? error : new Error(String(error));
    queue = [];
    options.onFailed(failure);
  };

  const start = (): void => {
    writing ??= writeAll()
      .catch(fail)
      .finally(() => {
        writing = null;
        if (queue.length > 0) start();
      });
  };

  return {
    push(events) {
      if (failure !== null) return;
      queue.push(...events);
      start();
    },
    async drain() {
      while (writing !== null) await writing;
      if (failure !== null) throw failure;
    },
  };
}
