import { channels } from '../../src/protocol/channels.js';
import type { Query } from '../../src/protocol/sql/query.js';
import type { EngineChoice } from '../engine/types.js';

/** Settled predictions are answers that a caller waited for; they are kept for a while as a log. */
const predictionsKeptFor = '1 hour';

/** How long a worker that stopped, or was lost, stays in the list of workers. */
const workersKeptFor = '7 days';

export interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly processId: number;
  readonly engine: EngineChoice;
  /** What its process may take of the machine's memory. */
  readonly memoryBytes: number;
}

/** Inserts the worker's row, which its claims refer to. A repeated call changes nothing. */
export async function registerWorker(query: Query, worker: WorkerRow): Promise<void> {
  await query(
    `INSERT INTO workers (id, host, process_id, engine, memory_bytes) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`,
    [worker.id, worker.host, worker.processId, JSON.stringify(worker.engine), worker.memoryBytes],
  );
  await query('SELECT pg_notify($1, $2)', [channels.workers, worker.id]);
}

export async function touchWorker(query: Query, workerId: string): Promise<void> {
  await query('UPDATE workers SET last_seen_at = now() WHERE id = $1', [workerId]);
}

export async function unregisterWorker(query: Query, workerId: string): Promise<void> {
  await query('UPDATE workers SET last_seen_at = now(), stopped_at = now() WHERE id = $1', [workerId]);
  await query('SELECT pg_notify($1, $2)', [channels.workers, workerId]);
}

/**
 * Removes jobs whose results somebody waited for: predictions, previews, which hold excerpts of rows, and inspections.
 */
export async function removeOldPredictions(query: Query): Promise<void> {
  await query(
    `DELETE FROM jobs WHERE kind IN ('predict', 'preview', 'inspect') AND settled_at < now() - $1::interval`,
    [predictionsKeptFor],
  );
}

/** Removes workers that went long ago, except those that a job or a run's attempt still names. */
export async function removeOldWorkers(query: Query): Promise<void> {
  await query(
    `DELETE FROM workers w
      WHERE greatest(w.stopped_at, w.last_seen_at) < now() - $1::interval
        AND NOT EXISTS (SELECT FROM run_attempts a WHERE a.worker_id = w.id)
        AND NOT EXISTS (SELECT FROM jobs j WHERE j.worker_id = w.id)`,
    [workersKeptFor],
  );
}
