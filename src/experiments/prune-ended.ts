import type { DataSource } from 'typeorm';
import { inTransaction, poolQuery } from '../database/transaction.js';
import { terminalRunStatuses } from '../protocol/run-status.js';
import { noteRemovals } from '../storage/artifact-removals.js';

/** How many checkpoints one transaction retires, so that its locks are brief. */
const batch = 100;
/** How many are looked for at once: to rank them takes a look at all that are kept. */
const listed = 10_000;

/**
 * Retires checkpoints of runs that have ended: of each run, all but the newest and the newest best one and, once the
 * run has been over for `keptDays`, those too. No run goes on from them. Manifests stay: they are small, and describe
 * the retired checkpoints. The files are noted for removal. Returns how many were retired.
 */
export async function pruneEndedRuns(dataSource: DataSource, keptDays: number): Promise<number> {
  for (let pruned = 0; ; ) {
    const due = await dueCheckpoints(dataSource, keptDays);
    for (let from = 0; from < due.length; from += batch) {
      pruned += await retire(dataSource, due.slice(from, from + batch));
    }
    if (due.length < listed) return pruned;
  }
}

/** Ids of checkpoints to retire. Those that are kept are ranked along an index of their own (checkpoints_kept). */
async function dueCheckpoints(dataSource: DataSource, keptDays: number): Promise<string[]> {
  const rows = await poolQuery(dataSource)<{ id: string }>(
    `WITH ranked AS (
       SELECT c.id, r.finished_at < now() - make_interval(days => $2) AS over, c.best,
              row_number() OVER (PARTITION BY c.run_id ORDER BY c.attempt DESC, c.step DESC, c.created_at DESC) AS place,
              row_number() OVER (PARTITION BY c.run_id, c.best
                                 ORDER BY c.attempt DESC, c.step DESC, c.created_at DESC) AS place_of_best
         FROM checkpoints c JOIN runs r ON r.id = c.run_id
        WHERE c.pruned_at IS NULL AND r.status = ANY($1)
     )
     SELECT id FROM ranked WHERE over OR NOT (place = 1 OR (best AND place_of_best = 1)) LIMIT $3`,
    [terminalRunStatuses, keptDays, listed],
  );
  return rows.map(({ id }) => id);
}

function retire(dataSource: DataSource, ids: readonly string[]): Promise<number> {
  return inTransaction(dataSource, async ({ query }) => {
    const rows = await query<{ artifactDigests: string[] }>(
      `UPDATE checkpoints SET pruned_at = now() WHERE pruned_at IS NULL AND id = ANY($1::uuid[])
    RETURNING artifact_digests AS "artifactDigests"`,
      [ids],
    );
    await noteRemovals(
      query,
      rows.flatMap(({ artifactDigests }) => artifactDigests),
    );
    return rows.length;
  });
}
