import type { Pool } from 'pg';
import { announceRunEvents } from '../../src/protocol/sql/append-events.js';
import type { Log } from '../log.js';
import { queryOf } from '../queue/connection.js';

interface Announcer {
  /** Tells listeners soon that the run's events up to this one are committed. */
  announce(lastSeq: number): void;
  /** Resolves when the newest announcement is sent, or has failed. */
  drain(): Promise<void>;
}

/**
 * Notifies listeners of a run's events after their COMMIT. While one notification is on its way, only the newest of the
 * next ones is kept. One that fails is not repeated: readers poll, and the next write announces its events too.
 */
export function createAnnouncer(options: {
  readonly pool: Pool;
  readonly runId: string;
  readonly log: Log;
}): Announcer {
  const { pool, runId, log } = options;
  let newest: number | null = null;
  let telling: Promise<void> | null = null;

  const tellAll = async (): Promise<void> => {
    while (newest !== null) {
      const lastSeq = newest;
      newest = null;
      await announceRunEvents(queryOf(pool), runId, lastSeq).catch((error: unknown) =>
        log.debug({ runId, lastSeq, reason: String(error) }, 'Listeners were not notified'),
      );
    }
    telling = null;
  };
  return {
    announce(lastSeq) {
      newest = lastSeq;
      telling ??= tellAll();
    },
    async drain() {
      await telling;
    },
  };
}
