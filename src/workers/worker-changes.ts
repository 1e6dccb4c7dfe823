import { endable } from '../events/endable.js';
import { Wake } from '../events/wake.js';
import { messageOf } from '../protocol/message-of.js';
import type { Query } from '../protocol/sql/query.js';

declare module '../access/context.js' {
  interface LiveFeeds {
    /** The id of each worker whose row changed. */
    workerChanges(): AsyncIterable<string>;
  }
}

export interface WorkerChanges {
  /**
   * Ids of workers whose row changed, each at least once after the change. Repeated ids that the subscriber has not yet
   * taken are merged.
   */
  subscribe(signal?: AbortSignal): AsyncGenerator<string, void, undefined>;
  /** Handles a notification `<worker id>`; null: notifications may have been lost. */
  notified(workerId: string | null): void;
  close(): void;
}

export function createWorkerChanges(options: {
  readonly query: Query;
  readonly log: (message: string) => void;
}): WorkerChanges {
  const { query, log } = options;
  /** The ids that each subscriber has not yet taken: at most one per worker. */
  const pending = new Set<Set<string>>();
  const changed = new Wake();
  const closing = new AbortController();

  const publish = (workerIds: readonly string[]): void => {
    for (const ids of pending) for (const id of workerIds) ids.add(id);
    changed.all();
  };
  const publishAll = async (): Promise<void> => {
    if (pending.size === 0) return;
    const rows = await query<{ id: string }>('SELECT id FROM workers WHERE stopped_at IS NULL');
    publish(rows.map(({ id }) => id));
  };

  async function* changes(ended: AbortSignal): AsyncGenerator<string, void, undefined> {
    const ids = new Set<string>();
    pending.add(ids);
    try {
      while (!ended.aborted) {
        const [id] = ids;
        if (id === undefined) {
          await changed.next(ended);
          continue;
        }
        ids.delete(id);
        yield id;
      }
    } finally {
      pending.delete(ids);
    }
  }

  return {
    subscribe: (signal) => endable(changes, signal === undefined ? [closing.signal] : [closing.signal, signal]),
    notified(workerId) {
      if (workerId !== null) {
        publish([workerId]);
        return;
      }
      publishAll().catch((error: unknown) => {
        log(`Reading workers failed: ${messageOf(error)}`);
      });
    },
    close() {
      closing.abort();
    },
  };
}
