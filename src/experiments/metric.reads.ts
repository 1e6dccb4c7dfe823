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

/** A value without what few operations select. */
export type MetricValueRow = Omit<MetricPointRow, 'epoch' | 'at'>;

/** The newest value of each metric of several runs: the highest step of the highest attempt that recorded it. */
export function latestMetrics(query: Query, runIds: readonly string[]): Promise<MetricPointRow[]> {
  return query(
    `SELECT run_id AS "runId", key, attempt, step, epoch, value, at
     FROM run_metrics WHERE run_id = ANY($1::uuid[]) ORDER BY run_id, key`,
    [runIds],
  );
}

/** The same without `epoch` and `at`. */
export function latestValues(query: Query, runIds: readonly string[]): Promise<MetricValueRow[]> {
  return query(
    `SELECT run_id AS "runId", key, attempt, step, value
     FROM run_metrics WHERE run_id = ANY($1::uuid[]) ORDER BY run_id, key`,
    [runIds],
  );
}
