import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { removeUnusedArtifacts } from '../protocol/sql/remove-artifacts.js';
import type { ArtifactStore } from '../storage/artifact-store.js';

/** An upload may be in use until long after it expired: its ingestion began in time, and takes as long as it takes. */
const grace = '1 day';
/** Rows that one transaction removes, so that its locks are held for moments. */
const batch = 100;

/**
 * Removes uploads that expired without becoming a dataset: the row, and the file, unless something else has equal bytes. Those that became
 * one keep their row, as the record of where it came from. Returns how many went.
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
