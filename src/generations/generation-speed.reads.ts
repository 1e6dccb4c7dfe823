import type { Query } from '../protocol/sql/query.js';

/** How many of a worker's last generations its speed is the median of. */
export const measuredGenerations = 50;

export interface GenerationSpeedRow {
  readonly workerId: string;
  readonly generationCount: number;
  readonly firstTokenMs: number | null;
  readonly tokensPerSecond: number | null;
}

/** Medians over the last generations of each worker that succeeded. Workers without any are left out. */
export function speedsOfWorkers(query: Query, workerIds: readonly string[]): Promise<GenerationSpeedRow[]> {
  return query(
    `SELECT worker.id AS "workerId", count(*)::int AS "generationCount",
            percentile_cont(0.5) WITHIN GROUP (ORDER BY (last.times ->> 'firstTokenMs')::float8) AS "firstTokenMs",
            percentile_cont(0.5) WITHIN GROUP (
              -- The first token of all is there before the time begins.
              ORDER BY ((last.times ->> 'tokenCount')::float8 - 1) * 1000
                       / nullif((last.times ->> 'generatingMs')::float8, 0)) AS "tokensPerSecond"
       FROM unnest($1::uuid[]) AS worker(id)
      CROSS JOIN LATERAL (
              SELECT g.times FROM jobs j JOIN generations g ON g.id = j.generation_id
               WHERE j.worker_id = worker.id AND g.status = 'SUCCEEDED'
               ORDER BY g.finished_at DESC LIMIT ${measuredGenerations}
            ) AS last
      GROUP BY worker.id`,
    [workerIds],
  );
}
