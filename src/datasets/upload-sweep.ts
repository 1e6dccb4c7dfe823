import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { removeUnusedArtifacts } from '../protocol/sql/remove-artifacts.js';
import type { ArtifactStore } from '../storage/artifact-store.js';

/** An upload may be in use long after it expired, because its ingestion began in time and may take long. */
const grace = '1 day';
/** How many rows one transaction removes, so that its locks are brief. */
const batch = 100;

/**
 * Removes uploads that expired without becoming a dataset: the row and the file, unless something else has equal bytes.
 * Uploads that became a dataset keep their row, as the record of its origin. Returns how many were removed.
 */
export async function sweepUploads(dataSource: DataSource, store: Pick<ArtifactStore, 'remove'>): Promise<number> {
  let swept = 0;
  for (;;) {
    const removed = await inTransaction(dataSource, async ({ query }) => {
      const rows = await query<{ artifactDigest: string | null }>(
        `DELETE FROM uploads
          WHERE id IN (SELECT id FROM uploads
                        WHERE status <> 'CONSUMED' AND expires_at < now() - $1::interval
                        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)
      RETURNING artifact_digest AS "artifactDigest"`,
        [grace, batch],
      );
      const digests = [...new Set(rows.flatMap(({ artifactDigest }) => artifactDigest ?? []))];
      await removeUnusedArtifacts(query, digests, (digest) => store.remove(digest));
      return rows.length;
    });
    swept += removed;
    if (removed < batch) return swept;
  }
}
