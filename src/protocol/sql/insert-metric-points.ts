import { type MetricSpan, spansOf } from '../metric-spans.js';
import type { Query } from './query.js';

export interface NewMetricPoint {
  readonly key: string;
  readonly step: number;
  readonly seq: number;
  readonly epoch: number;
  /** NaN and the infinities are stored as they are. */
  readonly value: number;
}

/**
 * Writes points of an attempt, and what they change in the summaries of the spans of steps that they lie in (table
 * metric_spans), in one statement. No other code writes points, so that a span's summary always agrees with its points:
 * where summaries are enough, a series is read from them alone. The statement also keeps the newest point of each
 * metric (table run_metrics), by which experiments are filtered and sorted. The lock of the run's row lets one write at
 * a time through, so that none overwrites another.
 */
export async function insertMetricPoints(
  query: Query,
  runId: string,
  attempt: number,
  points: readonly NewMetricPoint[],
): Promise<void> {
  if (points.length === 0) return;
  const spans = spansOf(points);
  const ofSpans = <Value>(read: (span: MetricSpan) => Value): Value[] => spans.map(read);
  await query(
    `WITH stored AS (
       INSERT INTO metric_points (run_id, attempt, key, step, seq, epoch, value)
       SELECT $1, $2, point.* FROM unnest($3::text[], $4::int[], $5::bigint[], $6::float8[], $7::float8[]) AS point
       RETURNING run_id, key, attempt, step, epoch, value, at
     ), newest AS (
       INSERT INTO run_metrics AS known (run_id, key, attempt, step, epoch, value, at)
       SELECT DISTINCT ON (key) run_id, key, attempt, step, epoch, value, at FROM stored ORDER BY key, step DESC
       ON CONFLICT (run_id, key) DO UPDATE SET
         attempt = excluded.attempt, step = excluded.step, epoch = excluded.epoch, value = excluded.value, at = excluded.at
       WHERE (known.attempt, known.step) < (excluded.attempt, excluded.step)
     )
     INSERT INTO metric_spans AS known
       (run_id, attempt, key, width, span, steps, first_step, last_step, least, greatest, non_finite_step, last_seq)
     SELECT $1, $2::int, key, width, span, steps::varbit, first_step, last_step,
       CASE WHEN least IS NOT NULL THEN ARRAY[least, least_step, $2] END,
       CASE WHEN greatest IS NOT NULL THEN ARRAY[greatest, -greatest_step, $2] END, non_finite_step, last_seq
     FROM unnest($8::text[], $9::int[], $10::int[], $11::text[], $12::int[], $13::int[], $14::float8[], $15::int[], $16::float8[], $17::int[],
       $18::int[], $19::bigint[]) AS span
       (key, width, span, steps, first_step, last_step, least, least_step, greatest, greatest_step, non_finite_step, last_seq)
     ON CONFLICT (run_id, key, width, span, attempt) DO UPDATE SET
       steps = known.steps | excluded.steps,
       first_step = least(known.first_step, excluded.first_step),
       last_step = greatest(known.last_step, excluded.last_step),
       least = least(known.least, excluded.least),
       greatest = greatest(known.greatest, excluded.greatest),
       non_finite_step = least(known.non_finite_step, excluded.non_finite_step),
       last_seq = greatest(known.last_seq, excluded.last_seq)`,
    [
      runId,
      attempt,
      points.map(({ key }) => key),
      points.map(({ step }) => step),
      points.map(({ seq }) => seq),
      points.map(({ epoch }) => epoch),
      points.map(({ value }) => value),
      ofSpans(({ key }) => key),
      ofSpans(({ width }) => width),
      ofSpans(({ span }) => span),
      ofSpans(({ steps }) => steps.map(Number).join('')),
      ofSpans(({ firstStep }) => firstStep),
      ofSpans(({ lastStep }) => lastStep),
      ofSpans(({ least }) => least?.value ?? null),
      ofSpans(({ least }) => least?.step ?? null),
      ofSpans(({ greatest }) => greatest?.value ?? null),
      ofSpans(({ greatest }) => greatest?.step ?? null),
      ofSpans(({ nonFiniteStep }) => nonFiniteStep),
      ofSpans(({ lastSeq }) => lastSeq),
    ],
  );
}
