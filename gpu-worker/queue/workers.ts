import { channels } from '../../src/protocol/channels.js';
import type { Query } from '../../src/protocol/sql/query.js';
import type { MachineSpeed } from '../../src/protocol/training-time/machine-speed.js';
import type { EngineChoice } from '../engine/types.js';

/** Settled predictions are answers that a caller waited for; they are kept for a while as a log. */
const predictionsKeptFor = '1 hour';

/** How long a worker that stopped, or was lost, stays in the list of workers. */
const workersKeptFor = '7 days';

/** How old a speed may be that a worker takes over from another on its host. */
const speedKeptFor = '7 days';

export interface WorkerRow {
  readonly id: string;
  readonly host: string;
  readonly processId: number;
  readonly engine: EngineChoice;
  /** What its process may take of the machine's memory. */
  readonly memoryBytes: number;
}

/**
 * Inserts the worker's row, which its claims refer to. A repeated call changes nothing. The speed of training is that
 * which a worker with the same engine measured on the same host some days ago, if any.
 */
export async function registerWorker(query: Query, worker: WorkerRow): Promise<void> {
  await query(
    `INSERT INTO workers (id, host, process_id, engine, memory_bytes, training_speed)
     VALUES ($1, $2, $3, $4, $5, (
       SELECT w.training_speed FROM workers w
        WHERE w.host = $2 AND w.engine @> $6::jsonb AND (w.training_speed ->> 'measuredAt')::timestamptz > now() - $7::interval
        ORDER BY w.started_at DESC LIMIT 1))
     ON CONFLICT (id) DO NOTHING`,
    [
      worker.id,
      worker.host,
      worker.processId,
      JSON.stringify(worker.engine),
      worker.memoryBytes,
      JSON.stringify({
        target: worker.engine.target,
        threads: worker.engine.threads,
        version: worker.engine.version,
      }),
      speedKeptFor,
    ],
  );
  await query('SELECT pg_notify($1, $2)', [channels.workers, worker.id]);
}

/**
 * Tells how fast the worker trains. A faster measurement that it took over stays: whatever else the machine did
 * meanwhile made this one slower.
 */
export async function noteSpeed(query: Query, workerId: string, speed: MachineSpeed): Promise<void> {
  await query(
    `UPDATE workers
        SET training_speed = CASE WHEN (training_speed ->> 'engine')::float8 > $2 THEN training_speed
          ELSE jsonb_build_object('engine', $2::float8, 'script', $3::float8, 'measuredAt', now()) END
      WHERE id = $1`,
    [workerId, speed.engine, speed.script],
  );
  await query('SELECT pg_notify($1, $2)', [channels.workers, workerId]);
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
