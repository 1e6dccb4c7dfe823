import { setTimeout as delay } from 'node:timers/promises';
import type { TransferProgress } from '../../src/protocol/job.js';

/** A person notices no faster updates, and every subscriber receives each write. */
const intervalMs = 250;

export interface TransferWriter {
  /** Queues progress. Only the newest is written; older progress that is not yet written is dropped. */
  push(progress: TransferProgress): void;
  /** Resolves when the newest progress is written, or its write has failed, because nothing depends on it. */
  drain(): Promise<void>;
}

/** Writes the progress of an import or export at most four times a second. */
export function createTransferWriter(options: {
  readonly write: (progress: TransferProgress) => Promise<void>;
  readonly onFailure: (error: Error) => void;
}): TransferWriter {
  const drained = new AbortController();
  let newest: TransferProgress | null = null;
  let writing: Promise<void> | null = null;

  const writeAll = async (): Promise<void> => {
    while (newest !== null) {
      const progress = newest;
      newest = null;
      await options.write(progress).catch((error: unknown) => {
        options.onFailure(error instanceof Error ? error : new Error(String(error)));
      });
      await delay(intervalMs, undefined, { signal: drained.signal }).catch(() => undefined);
    }
  };
  const start = (): void => {
    writing ??= writeAll().finally(() => {
      writing = null;
      if (newest !== null) start();
    });
  };
  return {
    push(progress) {
      newest = progress;
      start();
    },
    async drain() {
      drained.abort();
      while (writing !== null) await writing;
    },
  };
}
