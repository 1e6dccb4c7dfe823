import type { Query } from '../../src/protocol/sql/query.js';
import { removeUnusedArtifacts } from '../../src/protocol/sql/remove-artifacts.js';
import { recordArtifacts } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';

/**
 * Removes files that a job wrote and did not finish with, unless something refers to equal ones. They get rows first, which are what is
 * locked. One transaction of the caller's.
 */
export async function discardArtifacts(query: Query, store: ArtifactStore, digests: readonly string[]): Promise<void> {
  await recordArtifacts(
    query,
    digests.map((digest) => ({ digest, sizeBytes: 0, mediaType: 'application/octet-stream' })),
  );
  await removeUnusedArtifacts(query, digests, (digest) => store.remove(digest));
}
