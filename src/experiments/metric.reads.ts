import type { Query } from '../protocol/sql/query.js';

export interface MetricPointRow {
  readonly runId: string;
  readonly key: string;
  readonly attempt: number;
  readonly step: number;
  readonly epoch: number;
  readonly value: number;
  readonly at: Date;
}

/** A point of a series, with what is the same for the whole series. */
export interface MetricSeriesRow extends MetricPointRow {
  readonly pointCount: number;
  readonly lastSeq: number;
}

export interface MetricSeriesArgs {
  /** null: every metric there is. */
  readonly keys: readonly string[] | null;
  readonly maxPoints: number;
  /** null: for each step the highest attempt that recorded it. */
  readonly attempt: number | null;
}

/** Points kept of a bucket: first, last, least, greatest, first that is not finite. */
const keptPerBucket = 5;

/**
 * The series of several runs, each of at most `maxPoints` points (M4 aggregation, Jugel et al. 2014, doi:10.14778/2732951.2732953: a chart
 * of the kept points looks like one of all points, as no extreme is lost). Sorted by run, key and step.
 */
export function metricSeries(
  query: Query,
  runIds: readonly string[],
  args: MetricSeriesArgs,
): Promise<MetricSeriesRow[]> {
  return query(
    `WITH points AS (
       SELECT DISTINCT ON (run_id, key, step) run_id, key, attempt, step, epoch, value, at, seq
       FROM metric_points
       WHERE run_id = ANY($1::uuid[]) AND ($2::text[] IS NULL OR key = ANY($2::text[]))
         AND ($3::int IS NULL OR attempt = $3)
       ORDER BY run_id, key, step, attempt DESC
     ), numbered AS (
       SELECT *, row_number() OVER by_step - 1 AS position, count(*) OVER series AS point_count, max(seq) OVER series AS last_seq,
         value = 'NaN'::float8 OR abs(value) = 'Infinity'::float8 AS non_finite
       FROM points
       WINDOW series AS (PARTITION BY run_id, key), by_step AS (PARTITION BY run_id, key ORDER BY step)
     ), bucketed AS (
       SELECT *, CASE WHEN point_count <= $4 THEN position ELSE position * $5 / point_count END AS bucket
       FROM numbered
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
     ORDER BY run_id, key, step`,
    [runIds, args.keys, args.attempt, args.maxPoints, Math.max(1, Math.floor(args.maxPoints / keptPerBucket))],
  );
}

/**
 * The newest value of each metric of several runs: of the highest attempt that recorded it, the highest step. Walks the
 * primary key from one metric to the next, so its cost grows with the number of metrics, not of points.
 */
export function latestMetrics(query: Query, runIds: readonly string[]): Promise<MetricPointRow[]> {
  return query(
    `WITH RECURSIVE keys (run_id, key) AS (
       SELECT runs.id, (SELECT min(m.key) FROM metric_points m WHERE m.run_id = runs.id) FROM unnest($1::uuid[]) AS runs(id)
       UNION ALL
       SELECT keys.run_id, (SELECT min(m.key) FROM metric_points m WHERE m.run_id = keys.run_id AND m.key > keys.key)
       FROM keys WHERE keys.key IS NOT NULL
     )
     SELECT keys.run_id AS "runId", keys.key, latest.attempt, latest.step, latest.epoch, latest.value, latest.at
     FROM keys
     CROSS JOIN LATERAL (
       SELECT attempt, step, epoch, value, at FROM metric_points m
       WHERE m.run_id = keys.run_id AND m.key = keys.key
       ORDER BY attempt DESC, step DESC LIMIT 1
     ) AS latest
     ORDER BY keys.run_id, keys.key`,
    [runIds],
  );
}
