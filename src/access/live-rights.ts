import { messageOf } from '../protocol/message-of.js';
import type { Authenticator } from './authenticate.js';
import type { Viewer } from './viewer.js';

/** The rights of a viewer with an open connection, kept current. */
export interface Rights {
  /** The viewer with the rights of this moment; after the credential has ended, the viewer as last known. */
  readonly viewer: Viewer;
  /** Calls `listener` whenever the rights may have changed. The returned function stops that. */
  onChange(listener: () => void): () => void;
}

/** Rights that are read once, for an operation that ends soon. */
export function fixedRights(viewer: Viewer): Rights {
  return { viewer, onChange: () => () => undefined };
}

/** Keeps the rights of open connections equal to those in the database. */
export interface LiveRights {
  /**
   * Follows a connection's viewer. `onEnd` is called once, when the credential was revoked, ended or has expired.
   * Call `close` when the connection is gone.
   */
  follow(viewer: Viewer, onEnd: () => void): Rights & { close(): void };
  /** Handles a notification `<user id>`; null: notifications may have been lost, so every viewer is read again. */
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
      // The connection may have closed while the query ran.
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
      log(`Reading the rights of open connections failed: ${messageOf(error)}`);
    });
  };
  const withCredential = (): Followed[] => [...followed].filter(({ viewer }) => viewer.credential.kind !== 'LOCAL');
  const timer = setInterval(() => lookSafely(withCredential()), sweepIntervalMs);
  timer.unref();

  return {
    follow(viewer, onEnd) {
      const entry: Followed = { viewer, listeners: new Set(), end: onEnd };
      followed.add(entry);
      // A change between the viewer's authentication and this call was notified before we listened.
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
