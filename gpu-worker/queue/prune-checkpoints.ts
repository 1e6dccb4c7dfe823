import type { Query } from '../../src/protocol/sql/query.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';

/** The newest to go on from, and one more in case its files turn out damaged. */
const keptCheckpoints = 2;

/**
 * Retires a run's checkpoints but the newest ones and the newest best one, and removes the files that nothing else refers to.
 * Manifests stay: they are small, and tell what a retired checkpoint was. One transaction of the caller's; files go before its
 * COMMIT, while their rows are locked (keep-artifacts.ts says why). Returns how many files went.
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
  if (digests.length === 0) return 0;
  await query('SELECT 1 FROM artifacts WHERE digest = ANY($1) ORDER BY digest FOR UPDATE', [digests]);
  // A statement of its own: it sees what was committed while the one before waited for locks.
  const unused = await query<{ digest: string }>(
    `DELETE FROM artifacts a
      WHERE digest = ANY($1)
        AND NOT EXISTS (SELECT FROM checkpoints c WHERE c.pruned_at IS NULL AND c.artifact_digests @> ARRAY[a.digest])
        AND NOT EXISTS (SELECT FROM checkpoints c WHERE c.digest = a.digest)
        AND NOT EXISTS (SELECT FROM base_models m
                         WHERE a.digest IN (m.digest, m.manifest #>> '{weights,digest}', m.manifest #>> '{tokenizer,digest}'))
        AND NOT EXISTS (SELECT FROM dataset_versions v WHERE a.digest IN (v.digest, v.source_digest))
        AND NOT EXISTS (SELECT FROM uploads u WHERE u.artifact_digest = a.digest)
  RETURNING digest`,
    [digests],
  );
  for (const { digest } of unused) await store.remove(digest);
  return unused.length;
}
