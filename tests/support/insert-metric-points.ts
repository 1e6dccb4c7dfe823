import type { MetricPoint } from '../../src/protocol/metric-spans.js';
import { metricParameters, metricParts } from '../../src/protocol/sql/insert-metric-points.js';
import type { Query } from '../../src/protocol/sql/query.js';

const insertPoints = `
  WITH target (run_id, attempt, before, at) AS (VALUES ($1::uuid, $2::int, 0::bigint, clock_timestamp()))${metricParts(3)}
  SELECT FROM target`;

/** Writes points of an attempt whose events are there already. The caller holds the lock of the run's row. */
export async function insertMetricPoints(
  query: Query,
  runId: string,
  attempt: number,
  points: readonly MetricPoint[],
): Promise<void> {
  if (points.length > 0) await query(insertPoints, [runId, attempt, ...metricParameters(points)]);
}
