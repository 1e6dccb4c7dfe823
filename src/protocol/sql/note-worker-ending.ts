import type { WorkerEnding } from '../worker-ending.js';
import type { Query } from './query.js';

/** Notes how a worker ended, unless that is noted already: of a worker that ends itself, it knows best why. */
export async function noteWorkerEnding(
  query: Query,
  worker: { readonly host: string; readonly processId: number },
  ending: WorkerEnding,
): Promise<void> {
  // The newest of this process id, as ids are given again.
  await query(
    `UPDATE workers SET ending = $3
      WHERE id = (SELECT id FROM workers WHERE host = $1 AND process_id = $2 ORDER BY started_at DESC LIMIT 1)
        AND stopped_at IS NULL AND ending IS NULL`,
    [worker.host, worker.processId, JSON.stringify(ending)],
  );
}
