import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';
import { terminalRunStatuses } from '../protocol/run-status.js';
import { noteRemovals } from '../storage/artifact-removals.js';

/** How many checkpoints one transaction retires, so that its locks are brief. */
const batch = 100;

/**
 * Retires checkpoints of runs that have ended: of each run, all but the newest and the newest best one and, once the
 * run has been over for `keptDays`, those too. No run goes on from them. Manifests stay: they are small, and describe
 * the retired checkpoints. The files are noted for removal. Returns how many were retired.
 */
export async function pruneEndedRuns(dataSource: DataSource, keptDays: number): Promise<number> {
  for (let pruned = 0; ; ) {
    const retired = await inTransaction(dataSource, async ({ query }) => {
      const rows = await query<{ artifactDigests: string[] }>(
        `WITH ranked AS (
           SELECT c.id, r.finished_at < now() - make_interval(days => $2) AS over, c.best,
                  row_number() OVER (PARTITION BY c.run_id ORDER BY c.attempt DESC, c.step DESC, c.created_at DESC) AS place,
                  row_number() OVER (PARTITION BY c.run_id, c.best
                                     ORDER BY c.attempt DESC, c.step DESC, c.created_at DESC) AS place_of_best
             FROM checkpoints c JOIN runs r ON r.id = c.run_id
            WHERE c.pruned_at IS NULL AND r.status = ANY($1)
         )
         UPDATE checkpoints SET pruned_at = now()
          WHERE pruned_at IS NULL
            AND id IN (SELECT id FROM ranked WHERE over OR NOT (place = 1 OR (best AND place_of_best = 1)) LIMIT $3)
      RETURNING artifact_digests AS "artifactDigests"`,
        [terminalRunStatuses, keptDays, batch],
      );
      await noteRemovals(
        query,
        rows.flatMap(({ artifactDigests }) => artifactDigests),
      );
      return rows.length;
    });
    pruned += retired;
    if (retired < batch) return pruned;
  }
}
