import type { ArtifactStore } from '../../src/storage/artifact-store.js';

/** A store that knows which digests it has, but holds no bytes. */
export function createDigestStore(digests: Iterable<string> = []): {
  readonly store: ArtifactStore;
  readonly digests: Set<string>;
} {
  const known = new Set(digests);
  const unused = (): never => {
    throw new Error('This store holds digests only.');
  };
  return {
    digests: known,
    store: {
      has: async (digest) => known.has(digest),
      remove: async (digest) => {
        known.delete(digest);
      },
      writeStream: unused,
      write: unused,
      adopt: unused,
      localPath: unused,
      read: unused,
    },
  };
}
