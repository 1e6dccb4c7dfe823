import type { ArtifactRecord } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore, StoredArtifact } from '../../src/storage/artifact-store.js';

export interface ArtifactTools {
  readonly store: ArtifactStore;
  readonly discard: (digests: readonly string[]) => Promise<void>;
}

/** Writes one artifact. */
export type WriteArtifact = (bytes: Uint8Array | Promise<StoredArtifact>, mediaType: string) => Promise<ArtifactRecord>;

/**
 * Writes artifacts that are of use only together: when `work` fails, it discards those written until then, and those of
 * `before`.
 */
export async function writeArtifacts<T>(
  { store, discard }: ArtifactTools,
  before: readonly string[],
  work: (write: WriteArtifact) => Promise<T>,
): Promise<T> {
  const written = [...before];
  try {
    return await work(async (bytes, mediaType) => {
      const stored = await (bytes instanceof Uint8Array ? store.write(bytes) : bytes);
      written.push(stored.digest);
      return { ...stored, mediaType };
    });
  } catch (error) {
    await discard(written);
    throw error;
  }
}
