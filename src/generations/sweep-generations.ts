import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';

/** How many days a generation and its log are kept after its end. */
export const keptDays = 7;

/** How many one statement removes, so that its locks are brief. */
const batch = 500;

/** Removes generations that ended long ago, with their logs and jobs. Returns how many. */
export async function sweepGenerations(dataSource: DataSource): Promise<number> {
  for (let removed = 0; ; ) {
    const rows = await inTransaction(dataSource, ({ query }) =>
      query(
        `DELETE FROM generations
          WHERE id IN (SELECT id FROM generations WHERE finished_at < now() - make_interval(days => $1)
                        LIMIT $2 FOR UPDATE SKIP LOCKED)
      RETURNING id`,
        [keptDays, batch],
      ),
    );
    removed += rows.length;
    if (rows.length < batch) return removed;
  }
}
