import type { MetricsRecorded } from '../../src/protocol/run-event.js';
import type { Query } from '../../src/protocol/sql/query.js';

/**
 * What was before migration 1764000012000: the baseline, kept here alone. Each point is a row without a summary, and
 * each table has a statement that is parsed and planned anew.
 */
export async function appendFormer(query: Query, runId: string, events: readonly MetricsRecorded[]): Promise<void> {
  const [advanced] = await query<{ firstSeq: string }>(
    `UPDATE runs SET last_seq = last_seq + $2 WHERE id = $1
  RETURNING last_seq - $2 + 1 AS "firstSeq", pg_notify('attune_run_events', id || ':' || last_seq)`,
    [runId, events.length],
  );
  const firstSeq = Number(advanced!.firstSeq);
  await query(
    `INSERT INTO run_events (run_id, seq, attempt, kind, payload)
     SELECT $1, $2::bigint + ordinal - 1, 1, kind, payload::jsonb
       FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS event (kind, payload, ordinal)`,
    [runId, firstSeq, events.map(({ kind }) => kind), events.map((event) => JSON.stringify(event))],
  );
  const points = events.flatMap(({ step, epoch, samples }, i) =>
    samples.map(({ key, value }) => ({ key, step, seq: firstSeq + i, epoch, value })),
  );
  await query(
    `INSERT INTO metric_points (run_id, attempt, key, step, seq, epoch, value)
     SELECT $1, 1, point.* FROM unnest($2::text[], $3::int[], $4::bigint[], $5::float8[], $6::float8[]) AS point`,
    [
      runId,
      points.map(({ key }) => key),
      points.map(({ step }) => step),
      points.map(({ seq }) => seq),
      points.map(({ epoch }) => epoch),
      points.map(({ value }) => value),
    ],
  );
}

/**
 * The statement of before migration 1764000012000, with the parameters and results of today's. Every point of every
 * series is sorted seven times.
 */
export const formerSeries = `
  WITH points AS (
    SELECT DISTINCT ON (run_id, key, step) run_id, key, attempt, step, epoch, value, at, 0 AS seq
    FROM recorded_points
    WHERE run_id = ANY($1::uuid[]) AND ($2::text[] IS NULL OR key = ANY($2::text[])) AND ($3::int IS NULL OR attempt = $3)
    ORDER BY run_id, key, step, attempt DESC
  ), numbered AS (
    SELECT *, row_number() OVER by_step - 1 AS position, count(*) OVER series AS point_count, max(seq) OVER series AS last_seq,
      value = 'NaN'::float8 OR abs(value) = 'Infinity'::float8 AS non_finite
    FROM points
    WINDOW series AS (PARTITION BY run_id, key), by_step AS (PARTITION BY run_id, key ORDER BY step)
  ), bucketed AS (
    SELECT *, CASE WHEN point_count <= $4 THEN position ELSE position * $5 / point_count END AS bucket FROM numbered
  ), ranked AS (
    SELECT *,
      row_number() OVER (bucket ORDER BY step) AS from_first,
      row_number() OVER (bucket ORDER BY step DESC) AS from_last,
      row_number() OVER (bucket ORDER BY non_finite, value, step) AS from_least,
      row_number() OVER (bucket ORDER BY non_finite, value DESC, step) AS from_greatest,
      row_number() OVER (bucket ORDER BY non_finite DESC, step) AS from_non_finite
    FROM bucketed
    WINDOW bucket AS (PARTITION BY run_id, key, bucket)
  )
  SELECT run_id AS "runId", key, attempt, step, epoch, value, at, point_count::float8 AS "pointCount", last_seq::float8 AS "lastSeq"
  FROM ranked
  WHERE from_first = 1 OR from_last = 1 OR from_least = 1 OR from_greatest = 1 OR (non_finite AND from_non_finite = 1)
  ORDER BY run_id, key, step`;
