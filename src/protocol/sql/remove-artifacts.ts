import { sourcesHold } from './preparation-sources.js';
import type { Query } from './query.js';

/**
 * Removes those of the named artifacts that nothing refers to any more: their rows, and by `removeFile` their files.
 * Runs inside a transaction of the caller: it locks the rows before it looks for references, and removes the files
 * before COMMIT, so that a transaction that is about to refer to an artifact (and locks its row first) finds either all
 * of it or nothing. Returns how many artifacts it removed.
 */
export async function removeUnusedArtifacts(
  query: Query,
  digests: readonly string[],
  removeFile: (digest: string) => Promise<void>,
): Promise<number> {
  if (digests.length === 0) return 0;
  await query('SELECT 1 FROM artifacts WHERE digest = ANY($1) ORDER BY digest FOR UPDATE', [digests]);
  // A statement of its own: it sees what was committed while the one before waited for locks.
  const unused = await query<{ digest: string }>(
    `DELETE FROM artifacts a
      WHERE digest = ANY($1)
        AND NOT EXISTS (SELECT FROM checkpoints c WHERE c.pruned_at IS NULL AND c.artifact_digests @> ARRAY[a.digest])
        AND NOT EXISTS (SELECT FROM checkpoints c WHERE c.digest = a.digest)
        AND NOT EXISTS (SELECT FROM base_models m WHERE m.artifact_digests @> ARRAY[a.digest])
        AND NOT EXISTS (SELECT FROM model_exports x
                         WHERE x.files @> jsonb_build_array(jsonb_build_object('digest', a.digest)))
        AND NOT EXISTS (SELECT FROM dataset_exports x
                         WHERE x.files @> jsonb_build_array(jsonb_build_object('digest', a.digest)))
        AND NOT EXISTS (SELECT FROM dataset_exports x
                         WHERE x.lines_digest = a.digest AND x.status IN ('QUEUED', 'RUNNING'))
        AND NOT EXISTS (SELECT FROM batch_predictions b
                         WHERE b.source_digest = a.digest
                            OR b.files @> jsonb_build_array(jsonb_build_object('digest', a.digest)))
        AND NOT EXISTS (SELECT FROM dataset_versions v WHERE a.digest IN (v.digest, v.source_digest))
        AND NOT EXISTS (SELECT FROM dataset_version_sources s WHERE s.kind <> 'version' AND s.digest = a.digest)
        AND NOT EXISTS (SELECT FROM preparations p
                         WHERE (p.status IN ('QUEUED', 'RUNNING') OR p.rows IS NOT NULL)
                           AND (p.rows ->> 'digest' = a.digest
                                OR p.status IN ('QUEUED', 'RUNNING') AND ${sourcesHold('p', 'a.digest')}))
        AND NOT EXISTS (SELECT FROM evaluations e WHERE e.examples_digest = a.digest)
        AND NOT EXISTS (SELECT FROM uploads u WHERE u.artifact_digest = a.digest)
        AND NOT EXISTS (SELECT FROM upload_parts p WHERE p.digest = a.digest)
        AND NOT EXISTS (SELECT FROM kept_log_probabilities k WHERE k.digest = a.digest)
  RETURNING digest`,
    [digests],
  );
  for (const { digest } of unused) await removeFile(digest);
  return unused.length;
}
