import type { DataSource } from 'typeorm';
import { inTransaction } from '../database/transaction.js';

const kept = '30 days';
/** How many rows one transaction removes, so that its locks are brief. */
const batch = 1_000;

/** Removes the records of deliveries that were settled long ago. The events stay. Returns how many were removed. */
export async function sweepDeliveries(dataSource: DataSource): Promise<number> {
  let swept = 0;
  for (;;) {
    const removed = await inTransaction(dataSource, ({ query }) =>
      query(
        `DELETE FROM webhook_deliveries
          WHERE id IN (SELECT id FROM webhook_deliveries
                        WHERE state <> 'PENDING' AND settled_at < now() - $1::interval
                        ORDER BY settled_at LIMIT $2 FOR UPDATE SKIP LOCKED)
      RETURNING id`,
        [kept, batch],
      ),
    );
    swept += removed.length;
    if (removed.length < batch) return swept;
  }
}
