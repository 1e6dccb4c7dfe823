import type { ArtifactStore, StoredArtifact } from '../../src/storage/artifact-store.js';
import { StorageError } from '../../src/storage/storage-error.js';
import { ProblemError } from '../problem-error.js';

/** What a transfer may write, in bytes; null: as much as there is room for. */
export interface StorageBudget {
  /**
   * Refuses files of this size before they are fetched or written. Errors: ProblemError QUOTA_EXCEEDED, with both
   * figures.
   */
  readonly requireRoom: (bytes: number) => void;
  /**
   * The store, for one transfer: writing breaks off with QUOTA_EXCEEDED where all its files together pass what is left.
   */
  readonly store: ArtifactStore;
}

/**
 * The store as one transfer may fill it. Each of its files counts, also one whose bytes the project has already: that
 * is known when it is recorded, and until then nothing may be written beyond the quota.
 */
export function withinQuota(store: ArtifactStore, leftBytes: number | null): StorageBudget {
  if (leftBytes === null) return { requireRoom: () => undefined, store };
  let written = 0;
  const count = ({ digest, sizeBytes }: StoredArtifact): StoredArtifact => {
    written += sizeBytes;
    return { digest, sizeBytes };
  };
  const requireRoom = (bytes: number): void => {
    if (written + bytes > leftBytes) throw beyondQuota(written + bytes, leftBytes);
  };
  return {
    requireRoom,
    store: {
      ...store,
      async writeStream(source, options = {}) {
        const maxBytes = Math.min(options.maxBytes ?? Number.POSITIVE_INFINITY, leftBytes - written);
        try {
          return count(await store.writeStream(source, { ...options, maxBytes }));
        } catch (error) {
          const isBeyond =
            error instanceof StorageError && error.code === 'TOO_LARGE' && maxBytes === leftBytes - written;
          throw isBeyond ? beyondQuota(null, leftBytes) : error;
        }
      },
      async write(bytes) {
        const parts = bytes instanceof Uint8Array ? [bytes] : bytes;
        requireRoom(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
        return count(await store.write(bytes));
      },
    },
  };
}

/** @param neededBytes null: not known, as writing broke off */
function beyondQuota(neededBytes: number | null, leftBytes: number): ProblemError {
  const needs = neededBytes === null ? 'more than that' : `${neededBytes} bytes`;
  return new ProblemError({
    path: [],
    code: 'QUOTA_EXCEEDED',
    message: `The project's storage quota leaves ${leftBytes} bytes; this takes ${needs}.`,
    hint: 'An administrator of the server can raise the quota with setProjectQuota.',
  });
}
