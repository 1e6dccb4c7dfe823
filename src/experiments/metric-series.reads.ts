import { stretchSteps, wideSteps } from '../protocol/metric-spans.js';
import type { Query } from '../protocol/sql/query.js';
import { recordedPoint, recordedPoints } from '../protocol/sql/recorded-points.js';
import type { MetricPointRow } from './metric.reads.js';

/** A point of a series, with the values that are the same for the whole series. */
export interface MetricSeriesRow extends MetricPointRow {
  readonly pointCount: number;
  readonly lastSeq: number;
}

export interface MetricSeriesArgs {
  /** Null: every metric. */
  readonly keys: readonly string[] | null;
  readonly maxPoints: number;
  /** Null: for each step the highest attempt that recorded it. */
  readonly attempt: number | null;
}

/** The least `maxPoints`. A series with so few points still has the least and the greatest of all values. */
export const fewestPoints = 10;

/** Those of a span `s` that are shown. */
const shownPoints = `
  SELECT * FROM (${recordedPoints({ runId: 's.run_id', key: 's.key', attempt: 's.attempt', from: 's.first_step', to: 's.last_step' })}) AS point
  WHERE get_bit(s.shown, step % s.width) = 1`;

const keptPoint = recordedPoint({ runId: 'kept.run_id', key: 'kept.key', attempt: 'kept.attempt', step: 'kept.step' });

/** The points kept of each stretch: first, last, least, greatest, and first non-finite one. */
const keptPerStretch = 5;

/**
 * The series of several runs, each of at most `maxPoints` points, sorted by run, key and step.
 *
 * A longer series is cut into stretches of equally many steps, and up to five points of each stretch are kept (M4
 * aggregation, Jugel et al. 2014, doi:10.14778/2732951.2732953: a chart of the kept points looks like a chart of all
 * points, because no extreme is lost). The points are found in the summaries of metric_spans (ADR 0016), of the
 * greatest width that still gives every stretch a span of its own: 2,500 points out of a million take 2,000 summaries,
 * not a million rows. The points of a span are read only where its summary does not suffice: when a later attempt
 * recorded some of its steps but not all, or when the series is so short that a stretch is less than the narrowest
 * span.
 *
 * - `shown`: the steps of a span that no higher attempt recorded.
 * - Places are (step << 32 | attempt), which sort by step and identify the row.
 * - `value - value` is 0 for finite values and NaN for others.
 * - OFFSET 0 prevents PostgreSQL from flattening a lateral subquery: each outer row gets an index scan, whatever the
 *   table's statistics say.
 */
export async function metricSeries(
  query: Query,
  runIds: readonly string[],
  args: MetricSeriesArgs,
): Promise<MetricSeriesRow[]> {
  const series = await query<SeriesColumns>(
    `WITH RECURSIVE walked (run_id, key) AS (
       SELECT id, (SELECT min(key) FROM metric_spans WHERE run_id = id) FROM unnest($1::uuid[]) AS runs (id) WHERE $2::text[] IS NULL
       UNION ALL
       SELECT run_id, (SELECT min(m.key) FROM metric_spans m WHERE m.run_id = walked.run_id AND m.key > walked.key)
       FROM walked WHERE key IS NOT NULL
     ), named AS (
       SELECT run_id, key FROM walked
       UNION
       SELECT run_id, key FROM unnest($1::uuid[]) AS run_id, unnest($2::text[]) AS key
     ), series AS (
       SELECT run_id, key, first_span * ${wideSteps} AS origin, spans * ${wideSteps} AS extent,
         CASE WHEN spans >= $5 THEN ${wideSteps} ELSE ${stretchSteps} END AS width
       FROM named
       CROSS JOIN LATERAL (
         SELECT min(span) AS first_span, max(span) - min(span) + 1 AS spans
         FROM metric_spans m
         WHERE m.run_id = named.run_id AND m.key = named.key AND m.width = ${wideSteps} AND ($3::int IS NULL OR m.attempt = $3)
         OFFSET 0
       ) AS coarse
     ), spans AS (
       SELECT series.*, summary.*
       FROM series
       CROSS JOIN LATERAL (
         SELECT *, sum(bit_count(shown)::int) OVER () AS point_count
         FROM (
           SELECT span, attempt, steps, first_step, last_step, least, greatest, non_finite_step, last_seq,
             coalesce(steps & ~bit_or(steps) OVER newer, steps) AS shown
           FROM metric_spans m
           WHERE m.run_id = series.run_id AND m.key = series.key AND m.width = series.width AND ($3::int IS NULL OR m.attempt = $3)
           WINDOW newer AS (PARTITION BY span ORDER BY attempt ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
         ) AS recorded
         OFFSET 0
       ) AS summary
       WHERE bit_count(shown) > 0
     ), whole AS (
       SELECT s.run_id, s.key, s.attempt, p.step, p.epoch, p.value, p.at, s.point_count, max(s.last_seq) OVER (PARTITION BY s.run_id, s.key) AS last_seq
       FROM spans s
       CROSS JOIN LATERAL (${shownPoints} OFFSET 0) AS p
       WHERE s.point_count <= $4
     ), stretches AS (
       SELECT s.run_id, s.key, s.point_count, max(max(s.last_seq)) OVER (PARTITION BY s.run_id, s.key) AS last_seq,
         min(coalesce(p.step, s.first_step)::bigint << 32 | s.attempt) AS first,
         max(coalesce(p.step, s.last_step)::bigint << 32 | s.attempt) AS last,
         min(CASE WHEN p.step IS NULL THEN s.least WHEN p.value - p.value = 0 THEN ARRAY[p.value, p.step, s.attempt] END) AS least,
         max(CASE WHEN p.step IS NULL THEN s.greatest WHEN p.value - p.value = 0 THEN ARRAY[p.value, -p.step, s.attempt] END) AS greatest,
         min(CASE WHEN p.step IS NULL THEN s.non_finite_step WHEN p.value - p.value <> 0 THEN p.step END::bigint << 32 | s.attempt) AS non_finite
       FROM spans s
       LEFT JOIN LATERAL (${shownPoints} AND (s.extent < ${stretchSteps} * $5 OR s.shown <> s.steps) OFFSET 0) AS p ON true
       WHERE s.point_count > $4
       GROUP BY s.run_id, s.key, s.point_count,
         (CASE WHEN s.extent < ${stretchSteps} * $5 THEN p.step ELSE s.span * s.width END - s.origin)::bigint * $5 / s.extent
     ), kept AS (
       SELECT DISTINCT run_id, key, place.step, place.attempt, point_count, last_seq
       FROM stretches
       CROSS JOIN LATERAL (
         SELECT (place >> 32)::int, (place & 4294967295)::int FROM unnest(ARRAY[first, last, non_finite]) AS place WHERE place IS NOT NULL
         UNION ALL
         SELECT abs(place.step)::int, place.attempt::int FROM (VALUES (least[2], least[3]), (greatest[2], greatest[3])) AS place (step, attempt)
         WHERE place.step IS NOT NULL
       ) AS place (step, attempt)
     )
     SELECT run_id AS "runId", key, point_count::float8 AS "pointCount", last_seq::float8 AS "lastSeq",
       string_agg(attempt::text, ',' ORDER BY step) AS attempts, string_agg(step::text, ',' ORDER BY step) AS steps,
       string_agg(epoch::text, ',' ORDER BY step) AS epochs, string_agg(value::text, ',' ORDER BY step) AS values,
       string_agg(floor(1000 * date_part('epoch', at))::bigint::text, ',' ORDER BY step) AS times
     FROM (
       SELECT kept.run_id, kept.key, kept.attempt, kept.step, p.epoch, p.value, p.at, point_count, last_seq
       FROM kept
       CROSS JOIN LATERAL (${keptPoint} OFFSET 0) AS p
       UNION ALL
       SELECT * FROM whole
     ) AS point
     GROUP BY run_id, key, point_count, last_seq
     ORDER BY run_id, key`,
    [runIds, args.keys, args.attempt, args.maxPoints, Math.max(1, Math.floor(args.maxPoints / keptPerStretch))],
  );
  return series.flatMap(rowsOf);
}

/**
 * A series with its columns as comma-separated lists: with a row for each point, the driver would take longer than the
 * statement takes in the server.
 */
interface SeriesColumns extends Pick<MetricSeriesRow, 'runId' | 'key' | 'pointCount' | 'lastSeq'> {
  readonly attempts: string;
  readonly steps: string;
  readonly epochs: string;
  /** Written by PostgreSQL in a form that JavaScript reads, NaN and the infinities included. */
  readonly values: string;
  /** Milliseconds since 1970. */
  readonly times: string;
}

/** Each row is written out, because spreading `series` into thousands of rows would take as long as all other work. */
function rowsOf(series: SeriesColumns): MetricSeriesRow[] {
  const { runId, key, pointCount, lastSeq } = series;
  const attempts = numbersOf(series.attempts);
  const epochs = numbersOf(series.epochs);
  const values = numbersOf(series.values);
  const times = numbersOf(series.times);
  return numbersOf(series.steps).map((step, i) => ({
    runId,
    key,
    attempt: attempts[i]!,
    step,
    epoch: epochs[i]!,
    value: values[i]!,
    at: new Date(times[i]!),
    pointCount,
    lastSeq,
  }));
}

function numbersOf(list: string): number[] {
  return list.split(',').map(Number);
}
