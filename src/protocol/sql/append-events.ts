import { channels } from '../channels.js';
import type { MetricPoint } from '../metric-spans.js';
import type { MetricSample, RunEvent } from '../run-event.js';
import type { RunStatus } from '../run-status.js';
import { metricParameters, metricParts } from './insert-metric-points.js';
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
 * One statement is one round trip, and needs no transaction of its own. `seq` comes from the run's row, whose lock is
 * held until COMMIT: a sequence would commit out of order, and a reader that goes by "seq > last seen" would skip rows.
 * The row is locked before any other part writes, since all of them read `target`.
 */
const statementWith = (parts: string): string => `
  WITH target AS (
    UPDATE runs
       SET last_seq = last_seq + $2::int,
           batch = coalesce($4::bigint, batch),
           progress = coalesce($5::jsonb, progress)
     WHERE id = $1::uuid
       AND ($3::int IS NULL OR (attempt = $3 AND batch = $4 - 1 AND status = ANY($6::text[])))
 RETURNING id AS run_id, attempt, last_seq - $2 AS before, clock_timestamp() AS at
  ), events AS (
    INSERT INTO run_events (run_id, attempt, at, seq, kind, payload)
    SELECT run_id, attempt, at, before + ordinal, payload ->> 'kind', payload
      FROM target, jsonb_array_elements($7::jsonb) WITH ORDINALITY AS event (payload, ordinal)
  )${parts}
  SELECT before + $2 AS "lastSeq",
         CASE WHEN $8::boolean THEN pg_notify('${channels.runEvents}', run_id || ':' || before + $2) END
    FROM target`;

/** Two statements, as most parts of the second would do nothing for events without metrics. */
const statements = {
  plain: { name: 'append run events', sql: statementWith('') },
  withMetrics: { name: 'append run events with metrics', sql: statementWith(metricParts(9)) },
};

/**
 * Appends events to a run, and the points of their metrics. Returns the last event's seq, or null when the writer's
 * attempt is over (or this batch was written before). A null writer is the API, which is not fenced.
 *
 * @param announced whether listeners are notified when the transaction is committed. All transactions of the database
 *   that notify anyone commit one after the other, each waiting for its predecessor's disk; whoever writes often says
 *   false, and notifies after COMMIT (announceRunEvents).
 */
export async function appendRunEvents(
  query: Query,
  runId: string,
  events: readonly RunEvent[],
  writer: Writer | null,
  announced = true,
): Promise<number | null> {
  const progress = events.findLast(({ kind }) => kind === 'progressMade');
  const points = events.flatMap(pointsOf);
  const { name, sql } = points.length === 0 ? statements.plain : statements.withMetrics;
  const [appended] = await query<{ lastSeq: string }>(
    sql,
    [
      runId,
      events.length,
      writer?.attempt ?? null,
      writer?.batch ?? null,
      progress === undefined ? null : JSON.stringify(progress),
      activeStatuses,
      JSON.stringify(events),
      announced,
      ...(points.length === 0 ? [] : metricParameters(points)),
    ],
    name,
  );
  return appended === undefined ? null : Number(appended.lastSeq);
}

/** Notifies listeners of events that are committed. It writes nothing, so that no one waits for the disk. */
export async function announceRunEvents(query: Query, runId: string, lastSeq: number): Promise<void> {
  await query('SELECT pg_notify($1, $2)', [channels.runEvents, `${runId}:${lastSeq}`], 'announce run events');
}

/** The points of an event, whose `seq` is its place in the batch, from 1. */
function pointsOf(event: RunEvent, index: number): MetricPoint[] {
  if (event.kind !== 'metricsRecorded') return [];
  const { step, epoch, samples } = event;
  return samples.map((sample) => ({ key: sample.key, step, seq: index + 1, epoch, value: floatOf(sample) }));
}

const nonFiniteValues = {
  NAN: Number.NaN,
  POSITIVE_INFINITY: Number.POSITIVE_INFINITY,
  NEGATIVE_INFINITY: Number.NEGATIVE_INFINITY,
} as const;

function floatOf({ value, nonFinite }: MetricSample): number {
  return value ?? nonFiniteValues[nonFinite ?? 'NAN'];
}
