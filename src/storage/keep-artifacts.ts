import type { Query } from '../protocol/sql/query.js';
import { type ArtifactRecord, recordArtifacts } from './artifact-rows.js';
import type { ArtifactStore } from './artifact-store.js';

/** A file is no longer in the store: whoever had equal bytes gave them up at that moment. */
export class ArtifactMissing extends Error {
  readonly code = 'ARTIFACT_MISSING';

  constructor(digest: string) {
    super(`Artifact ${digest} is not in the store.`);
    this.name = 'ArtifactMissing';
  }
}

/**
 * Records artifacts and makes sure that their files stay. Removing (remove-artifacts.ts) locks an artifact's row before
 * it looks for references, and removes the file while it holds the lock. So once this transaction holds the lock,
 * either the file exists and the reference that follows keeps it, or the file is gone and ArtifactMissing is thrown.
 */
export async function keepArtifacts(
  query: Query,
  store: ArtifactStore,
  artifacts: readonly ArtifactRecord[],
): Promise<void> {
  await recordArtifacts(query, artifacts);
  const locked = await query<{ digest: string }>(
    'SELECT digest FROM artifacts WHERE digest = ANY($1) ORDER BY digest FOR KEY SHARE',
    [artifacts.map(({ digest }) => digest)],
  );
  const recorded = new Set(locked.map(({ digest }) => digest));
  for (const { digest } of artifacts) {
    if (!recorded.has(digest) || !(await store.has(digest))) throw new ArtifactMissing(digest);
  }
}
