import type { Query } from '../../src/protocol/sql/query.js';
import { removeUnusedArtifacts } from '../../src/protocol/sql/remove-artifacts.js';
import { recordArtifacts } from '../../src/storage/artifact-rows.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';

/**
 * Removes files that an unfinished job wrote, unless something refers to equal files. The files get rows first, because
 * the rows are locked during removal. Runs in the caller's transaction.
 */
export async function discardArtifacts(query: Query, store: ArtifactStore, digests: readonly string[]): Promise<void> {
  await recordArtifacts(
    query,
    digests.map((digest) => ({ digest, sizeBytes: 0, mediaType: 'application/octet-stream' })),
  );
  await removeUnusedArtifacts(query, digests, (digest) => store.remove(digest));
}
