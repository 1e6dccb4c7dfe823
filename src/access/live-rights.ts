import type { Authenticator } from './authenticate.js';
import type { Viewer } from './viewer.js';

/** What a viewer with an open connection may do, as it changes. */
export interface Rights {
  /** As of now; once the credential opens nothing any more, what it was before. */
  readonly viewer: Viewer;
  /** Calls `listener` whenever the rights may have changed, until the function that is returned is called. */
  onChange(listener: () => void): () => void;
}

/** Rights that are looked at once, for an operation that ends soon. */
export function fixedRights(viewer: Viewer): Rights {
  return { viewer, onChange: () => () => undefined };
}

/** Keeps the rights of open connections as they are in the database. */
export interface LiveRights {
  /**
   * Follows a connection's viewer. `onEnd` is called once, when the credential was revoked, ended or has expired.
   * Call `close` when the connection is gone.
   */
  follow(viewer: Viewer, onEnd: () => void): Rights & { close(): void };
  /** A notification `<user id>`, or null: any may have been missed. */
  notified(userId: string | null): void;
  close(): void;
}

interface Followed {
  viewer: Viewer;
  readonly listeners: Set<() => void>;
  readonly end: () => void;
}

/** @param sweepIntervalMs how long an expiry, or a lost notification, can go unnoticed */
export function createLiveRights(options: {
  readonly authenticator: Pick<Authenticator, 'again'>;
  readonly sweepIntervalMs: number;
  readonly log: (message: string) => void;
}): LiveRights {
  const { authenticator, sweepIntervalMs, log } = options;
  const followed = new Set<Followed>();

  const look = async (entries: readonly Followed[]): Promise<void> => {
    if (entries.length === 0) return;
    const viewers = await authenticator.again(entries.map(({ viewer }) => viewer));
    entries.forEach((entry, i) => {
      const viewer = viewers[i] ?? null;
      // It may have gone meanwhile.
      if (!followed.has(entry)) return;
      if (viewer === null) {
        followed.delete(entry);
        entry.end();
        return;
      }
      entry.viewer = viewer;
      for (const listener of [...entry.listeners]) listener();
    });
  };
  const lookSafely = (entries: readonly Followed[]): void => {
    look(entries).catch((error: unknown) => {
      log(`Looking at rights again failed: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  const withCredential = (): Followed[] => [...followed].filter(({ viewer }) => viewer.credential.kind !== 'LOCAL');
  const timer = setInterval(() => lookSafely(withCredential()), sweepIntervalMs);
  timer.unref();

  return {
    follow(viewer, onEnd) {
      const entry: Followed = { viewer, listeners: new Set(), end: onEnd };
      followed.add(entry);
      // What changed between its authentication and now was announced to nobody.
      if (viewer.credential.kind !== 'LOCAL') lookSafely([entry]);
      return {
        get viewer() {
          return entry.viewer;
        },
        onChange(listener) {
          entry.listeners.add(listener);
          return () => entry.listeners.delete(listener);
        },
        close: () => followed.delete(entry),
      };
    },
    notified(userId) {
      lookSafely(withCredential().filter(({ viewer }) => userId === null || viewer.userId === userId));
    },
    close() {
      clearInterval(timer);
      followed.clear();
    },
  };
}
