import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { removeUnusedArtifacts } from '../protocol/sql/remove-artifacts.js';
import type { ArtifactStore } from '../storage/artifact-store.js';

/** A client that begins in time to use an upload may take long. */
const grace = '1 day';
/** How many rows one transaction removes, so that its locks are brief. */
const batch = 100;

/**
 * Removes uploads that expired without becoming a dataset, and that no preparation waits to read: the row and the file,
 * unless something else has equal bytes.
 * Uploads that became a dataset keep their row, as the record of its origin. Returns how many were removed.
 */
export async function sweepUploads(dataSource: DataSource, store: Pick<ArtifactStore, 'remove'>): Promise<number> {
  let swept = 0;
  for (;;) {
    const removed = await inTransaction(dataSource, async ({ query }) => {
      const rows = await query<{ id: string; artifactDigest: string | null }>(
        `SELECT id, artifact_digest AS "artifactDigest" FROM uploads
          WHERE status <> 'CONSUMED' AND expires_at < now() - $1::interval
            AND NOT EXISTS (SELECT FROM preparations p
                             WHERE p.status IN ('QUEUED', 'RUNNING')
                               AND p.sources @> jsonb_build_array(jsonb_build_object('uploadId', uploads.id)))
          ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
        [grace, batch],
      );
      const ids = rows.map(({ id }) => id);
      const parts = await query<{ digest: string }>(
        'DELETE FROM upload_parts WHERE upload_id = ANY($1::uuid[]) RETURNING digest',
        [ids],
      );
      await query('DELETE FROM uploads WHERE id = ANY($1::uuid[])', [ids]);
      const files = [
        ...rows.flatMap(({ artifactDigest }) => artifactDigest ?? []),
        ...parts.map(({ digest }) => digest),
      ];
      const digests = [...new Set(files)];
      await removeUnusedArtifacts(query, digests, (digest) => store.remove(digest));
      return rows.length;
    });
    swept += removed;
    if (removed < batch) return swept;
  }
}
