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

/** The same by run, without `epoch` and `at`. */
export async function latestValues(
  query: Query,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, readonly MetricValueRow[]>> {
  // A page shows hundreds of values: as one JSON text for each run, they take the driver a quarter of the time of rows,
  // and the server no more. JSON has values that are not finite as texts.
  const rows = await query<{ runId: string; values: [key: string, attempt: number, step: number, value: unknown][] }>(
    `SELECT run_id AS "runId", json_agg(json_build_array(key, attempt, step, value) ORDER BY key) AS values
     FROM run_metrics WHERE run_id = ANY($1::uuid[]) GROUP BY run_id`,
    [runIds],
  );
  return new Map(
    rows.map(({ runId, values }) => [
      runId,
      values.map(([key, attempt, step, value]) => ({ runId, key, attempt, step, value: Number(value) })),
    ]),
  );
}
