import type { DataSource } from 'typeorm';
import { inTransaction } from '../../database/transaction.js';
import { noteRemovals } from '../../storage/artifact-removals.js';

/** Whoever asked for rows takes them at once; what is left belongs to a process that died. */
const grace = '1 day';
/** How many one transaction removes, so that its locks are brief. */
const batch = 100;

/**
 * Removes preparations whose rows became no version, and were not taken within a day, and notes their files for
 * removal. Returns how many.
 */
export async function sweepPreparations(dataSource: DataSource): Promise<number> {
  for (let swept = 0; ; ) {
    const removed = await inTransaction(dataSource, async ({ query }) => {
      const gone = await query<{ digest: string | null }>(
        `DELETE FROM preparations
          WHERE id IN (SELECT id FROM preparations
                        WHERE target ->> 'kind' = 'rows' AND finished_at < now() - $1::interval
                        LIMIT $2 FOR UPDATE SKIP LOCKED)
      RETURNING rows ->> 'digest' AS digest`,
        [grace, batch],
      );
      await noteRemovals(
        query,
        gone.flatMap(({ digest }) => digest ?? []),
      );
      return gone.length;
    });
    swept += removed;
    if (removed < batch) return swept;
  }
}
