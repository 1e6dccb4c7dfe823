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
