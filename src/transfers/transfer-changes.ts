import { endable } from '../events/endable.js';
import { retryRead } from '../events/retry-read.js';
import { Wake } from '../events/wake.js';
import type { TransferStatus } from '../protocol/job.js';
import type { ModelExportRow, ModelImportRow } from './transfer.reads.js';

declare module '../access/context.js' {
  interface LiveFeeds {
    /** An import as it is now, then after each change, until it has ended. */
    modelImport(importId: string): AsyncIterable<ModelImportRow>;
    /** An export as it is now, then after each change, until it has ended. */
    modelExport(exportId: string): AsyncIterable<ModelExportRow>;
  }
}

/** Live states of imports and exports of models, for all subscribers of one API process. */
export interface TransferChanges {
  /**
   * The result of `read` now, then after each change, until a status is final, or `return()` is called. Changes that
   * come faster than the subscriber takes them are merged, but the last is always seen. While the database is
   * unreachable, it waits; a row that does not exist has no states.
   */
  follow<Row extends { readonly status: TransferStatus }>(
    id: string,
    read: () => Promise<Row | null>,
  ): AsyncGenerator<Row, void, undefined>;
  /** Handles a notification `<import or export id>`; null: notifications may have been lost. */
  notified(id: string | null): void;
  /** Ends every subscription. */
  close(): void;
}

const final: ReadonlySet<TransferStatus> = new Set(['SUCCEEDED', 'FAILED', 'CANCELED']);

export function createTransferChanges(options: {
  /** How long a lost notification can go unnoticed. */
  readonly pollIntervalMs: number;
  readonly log: (message: string) => void;
}): TransferChanges {
  const { log } = options;
  const followed = new Map<string, { readonly changed: Wake; followers: number }>();
  const closing = new AbortController();
  const wakeAll = (): void => {
    for (const { changed } of followed.values()) changed.all();
  };
  // Waking all is cheap: few transfers are followed at a time, each for minutes.
  const timer = setInterval(wakeAll, options.pollIntervalMs);
  timer.unref();

  async function* states<Row extends { readonly status: TransferStatus }>(
    id: string,
    read: () => Promise<Row | null>,
    signal: AbortSignal,
  ): AsyncGenerator<Row, void, undefined> {
    const entry = followed.get(id) ?? { changed: new Wake(), followers: 0 };
    followed.set(id, entry);
    entry.followers += 1;
    let seen = '';
    try {
      while (!signal.aborted) {
        // Registered before the read, so that a change during the read is not missed.
        const change = entry.changed.next(signal);
        const row = await retryRead(read, { signal, what: 'imports and exports', log });
        if (row == null || signal.aborted) return;
        const state = JSON.stringify(row);
        if (state !== seen) yield row;
        seen = state;
        if (final.has(row.status)) return;
        await change;
      }
    } finally {
      entry.followers -= 1;
      if (entry.followers === 0) followed.delete(id);
      entry.changed.all();
    }
  }

  return {
    follow: (id, read) => endable((ended) => states(id, read, ended), [closing.signal]),
    notified(id) {
      if (id === null) wakeAll();
      else followed.get(id)?.changed.all();
    },
    close() {
      clearInterval(timer);
      closing.abort();
    },
  };
}
