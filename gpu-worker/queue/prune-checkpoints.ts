import type { Query } from '../../src/protocol/sql/query.js';
import { removeUnusedArtifacts } from '../../src/protocol/sql/remove-artifacts.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';

/** The newest checkpoint to resume from, and one more in case its files turn out damaged. */
const keptCheckpoints = 2;

/**
 * Retires a run's checkpoints except the newest ones and the newest best one, and removes the files that nothing else
 * refers to. Manifests stay: they are small, and describe the retired checkpoints. Runs in the caller's transaction;
 * files are removed before its COMMIT, while their rows are locked (remove-artifacts.ts explains why). Returns how many
 * files were removed.
 */
export async function pruneCheckpoints(query: Query, store: ArtifactStore, runId: string): Promise<number> {
  const pruned = await query<{ artifactDigests: string[] }>(
    `WITH kept AS (
       (SELECT id FROM checkpoints WHERE run_id = $1 AND pruned_at IS NULL
         ORDER BY attempt DESC, step DESC, created_at DESC LIMIT $2)
       UNION
       (SELECT id FROM checkpoints WHERE run_id = $1 AND pruned_at IS NULL AND best
         ORDER BY attempt DESC, step DESC, created_at DESC LIMIT 1)
     )
     UPDATE checkpoints SET pruned_at = now()
      WHERE run_id = $1 AND pruned_at IS NULL AND id NOT IN (SELECT id FROM kept)
  RETURNING artifact_digests AS "artifactDigests"`,
    [runId, keptCheckpoints],
  );
  const digests = [...new Set(pruned.flatMap(({ artifactDigests }) => artifactDigests))];
  return removeUnusedArtifacts(query, digests, (digest) => store.remove(digest));
}
