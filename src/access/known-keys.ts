import type { Query } from '../protocol/sql/query.js';
import type { Viewer } from './viewer.js';
import { viewerByKeyDigest } from './viewer.reads.js';

/**
 * How long a viewer is taken for what the database said. A change of rights is notified and ends it at once; this
 * bounds what a lost notification can do.
 */
const keptMs = 1_000;
const maxKept = 10_000;

/** The viewers of API keys, as they were looked up a moment ago. */
export interface KnownKeys {
  /**
   * The viewer whose key has this digest; null: the key is unknown, expired or revoked, or its user was deactivated.
   */
  viewerOf(digest: string): Promise<Viewer | null>;
  /**
   * Looks the keys of a user up again; null: those of all users. The rights may have changed, in the database already.
   */
  forget(userId: string | null): void;
}

interface Known {
  readonly viewer: Viewer;
  readonly endsAt: number;
}

/** @param now milliseconds, of the clock that keys expire by */
export function createKnownKeys(query: Query, now: () => number = Date.now): KnownKeys {
  const known = new Map<string, Known>();
  /** Counts the changes of rights: what was read while one was notified may be what was before. */
  let changes = 0;
  return {
    async viewerOf(digest) {
      const found = known.get(digest);
      if (found !== undefined && now() < found.endsAt) return found.viewer;
      known.delete(digest);
      const before = changes;
      const viewer = await viewerByKeyDigest(query, digest);
      if (viewer === null || before !== changes) return viewer;
      const { credential } = viewer;
      const expiresAt = credential.kind === 'API_KEY' ? credential.expiresAt?.getTime() : undefined;
      // The one that was looked up longest ago.
      const [oldest] = known.keys();
      if (known.size >= maxKept && oldest !== undefined) known.delete(oldest);
      known.set(digest, { viewer, endsAt: Math.min(now() + keptMs, expiresAt ?? Number.POSITIVE_INFINITY) });
      return viewer;
    },

    forget(userId) {
      changes += 1;
      for (const [digest, { viewer }] of known) {
        if (userId === null || viewer.userId === userId) known.delete(digest);
      }
    },
  };
}
