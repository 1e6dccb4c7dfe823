import { channels } from '../channels.js';
import type { MetricSample, RunEvent } from '../run-event.js';
import type { RunStatus } from '../run-status.js';
import { insertMetricPoints } from './insert-metric-points.js';
import type { Query } from './query.js';

/**
 * Identifies a write of a worker. `attempt` is the fencing token; `batch` counts an attempt's writes from 1, so that a
 * write repeated after a lost COMMIT changes nothing.
 */
export interface Writer {
  readonly attempt: number;
  readonly batch: number;
}

/** The statuses in which a worker has the run. */
const activeStatuses: readonly RunStatus[] = ['PREPARING', 'TRAINING', 'EVALUATING', 'CANCELING'];

/**
 * Appends events to a run, inside a transaction of the caller. Returns the last event's seq, or null when the writer's
 * attempt is over (or this batch was written before). A null writer is the API, which is not fenced.
 *
 * `seq` comes from the run's row, whose lock is held until COMMIT: a sequence would commit out of order, and a reader
 * that goes by "seq > last seen" would skip rows.
 */
export async function appendRunEvents(
  query: Query,
  runId: string,
  events: readonly RunEvent[],
  writer: Writer | null,
): Promise<number | null> {
  const progress = events.findLast(({ kind }) => kind === 'progressMade');
  const [advanced] = await query<{ lastSeq: string; attempt: number }>(
    `UPDATE runs
        SET last_seq = last_seq + $2,
            batch = coalesce($4, batch),
            progress = coalesce($5::jsonb, progress)
      WHERE id = $1
        AND ($3::int IS NULL OR (attempt = $3 AND batch = $4::bigint - 1 AND status = ANY($6)))
  RETURNING last_seq AS "lastSeq", attempt, pg_notify('${channels.runEvents}', id || ':' || last_seq)`,
    [
      runId,
      events.length,
      writer?.attempt ?? null,
      writer?.batch ?? null,
      progress === undefined ? null : JSON.stringify(progress),
      activeStatuses,
    ],
  );
  if (advanced === undefined) return null;
  const lastSeq = Number(advanced.lastSeq);
  await insertEvents(query, { runId, attempt: advanced.attempt, firstSeq: lastSeq - events.length + 1, events });
  return lastSeq;
}

/**
 * Writes event rows with seqs that the caller has taken from the run's row in the same transaction, and their metric
 * points.
 */
export async function insertEvents(
  query: Query,
  rows: {
    readonly runId: string;
    readonly attempt: number;
    readonly firstSeq: number;
    readonly events: readonly RunEvent[];
  },
): Promise<void> {
  const { runId, attempt, firstSeq, events } = rows;
  await query(
    `INSERT INTO run_events (run_id, seq, attempt, kind, payload)
     SELECT $1, $2::bigint + ordinal - 1, $3, kind, payload::jsonb
       FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS event (kind, payload, ordinal)`,
    [runId, firstSeq, attempt, events.map(({ kind }) => kind), events.map((event) => JSON.stringify(event))],
  );
  const points = events.flatMap((event, index) =>
    event.kind === 'metricsRecorded'
      ? event.samples.map((sample) => ({ ...event, key: sample.key, value: floatOf(sample), seq: firstSeq + index }))
      : [],
  );
  await insertMetricPoints(query, runId, attempt, points);
}

const nonFiniteValues = {
  NAN: Number.NaN,
  POSITIVE_INFINITY: Number.POSITIVE_INFINITY,
  NEGATIVE_INFINITY: Number.NEGATIVE_INFINITY,
} as const;

function floatOf({ value, nonFinite }: MetricSample): number {
  return value ?? nonFiniteValues[nonFinite ?? 'NAN'];
}
