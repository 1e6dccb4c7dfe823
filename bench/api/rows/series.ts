import type pg from 'pg';
import { queryOf } from '../../../gpu-worker/queue/connection.js';
import { stretchSteps } from '../../../src/protocol/metric-spans.js';
import { insertMetricPoints } from '../../../tests/support/insert-metric-points.js';

/** SQL of a noisy curve's value at `step`, the same on all sides. */
export const seriesValue = '2 * exp(-step / 20000.0) + 0.1 * sin(step / 500.0) + 0.05 * sin(step * 12.9898)';

/** A worker that has fallen behind writes as many steps at once. Blocks then are whole. */
const batchSteps = 64 * stretchSteps;

/** Records `train/loss` at steps 1 to `steps` in the runs of a project, as a worker does. */
export async function addSeries(client: pg.Client, slug: string, steps: number): Promise<void> {
  const query = queryOf(client);
  const runs = await query<{ id: string }>(
    `SELECT r.id FROM runs r JOIN experiments e ON e.id = r.experiment_id JOIN projects p ON p.id = e.project_id WHERE p.slug = $1`,
    [slug],
  );
  const points = await query<{ key: string; step: number; seq: number; epoch: number; value: number }>(
    `SELECT 'train/loss' AS key, step, step AS seq, (step / 1000.0)::float8 AS epoch, (${seriesValue})::float8 AS value
     FROM generate_series(1, $1::int) AS step ORDER BY step`,
    [steps],
  );
  for (const { id } of runs) {
    await client.query('BEGIN');
    for (let from = 0; from <= steps; from += batchSteps) {
      const batch = points.slice(Math.max(0, from - 1), from + batchSteps - 1);
      await insertMetricPoints(query, id, 1, batch);
    }
    await client.query('COMMIT');
  }
  await client.query('VACUUM ANALYZE');
}
