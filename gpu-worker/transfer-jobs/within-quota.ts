import type { ArtifactStore, StoredArtifact } from '../../src/storage/artifact-store.js';
import { StorageError } from '../../src/storage/storage-error.js';
import { ProblemError } from '../problem-error.js';

/** The store and its limit, for one transfer. */
export interface StorageBudget {
  /**
   * Refuses files of this size before they are fetched or written. Errors: ProblemError QUOTA_EXCEEDED, with both
   * figures.
   */
  readonly requireRoom: (bytes: number) => void;
  /**
   * Writing to this store ends with ProblemError QUOTA_EXCEEDED once all files of the transfer together are larger than
   * what the quota leaves.
   */
  readonly store: ArtifactStore;
}

/**
 * Limits what one transfer writes. Every file counts, also one whose bytes the project has already: that is known only
 * when the file is recorded, and until then nothing may be written beyond the quota.
 *
 * @param leftBytes what the project's quota leaves; null: no limit
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

/** @param neededBytes null: not known, because writing ended at the limit */
function beyondQuota(neededBytes: number | null, leftBytes: number): ProblemError {
  const needs = neededBytes === null ? 'more than that' : `${neededBytes} bytes`;
  return new ProblemError({
    path: [],
    code: 'QUOTA_EXCEEDED',
    message: `The project's storage quota leaves ${leftBytes} bytes; the transfer takes ${needs}.`,
    hint: 'An administrator of the server can raise the quota with setProjectQuota.',
  });
}
