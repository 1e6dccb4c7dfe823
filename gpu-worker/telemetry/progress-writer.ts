import { setTimeout as delay } from 'node:timers/promises';

/** A person notices no faster updates, and every subscriber receives each write. */
const intervalMs = 250;

export interface ProgressWriter<Progress> {
  /** Queues progress. Only the newest is written; older progress that is not yet written is dropped. */
  push(progress: Progress): void;
  /** Resolves when the newest progress is written, or its write has failed, because nothing depends on it. */
  drain(): Promise<void>;
}

/** Writes the progress of an import, export or evaluation at most four times a second. */
export function createProgressWriter<Progress>(options: {
  readonly write: (progress: Progress) => Promise<void>;
  readonly onFailure: (error: Error) => void;
}): ProgressWriter<Progress> {
  const drained = new AbortController();
  let newest: Progress | null = null;
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
