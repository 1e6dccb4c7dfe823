import type pg from 'pg';
import { stretchSteps } from '../../../src/protocol/metric-spans.js';

/** SQL of a noisy curve's value at `step`, the same on all sides. */
export const seriesValue = '2 * exp(-step / 20000.0) + 0.1 * sin(step / 500.0) + 0.05 * sin(step * 12.9898)';

/**
 * Records `train/loss` at steps 1 to `steps` in the runs of a project, with the summaries that the product keeps of
 * points: as blocks, in which a worker's points are written where many of a metric come at once.
 */
export async function addSeries(client: pg.Client, slug: string, steps: number): Promise<void> {
  const points = `(
    SELECT r.id AS run_id, 'train/loss' AS key, 1 AS attempt, step, ${seriesValue} AS value
    FROM runs r JOIN experiments e ON e.id = r.experiment_id JOIN projects p ON p.id = e.project_id, generate_series(1, $2::int) AS step
    WHERE p.slug = $1) AS point`;
  await client.query('BEGIN');
  await client.query('SET LOCAL session_replication_role = replica');
  await client.query(
    `INSERT INTO metric_blocks (run_id, key, attempt, first_step, at, steps, epochs, values)
     SELECT run_id, key, attempt, min(step), timestamptz '2026-01-01' + min(step) * interval '1 millisecond',
       array_agg(step ORDER BY step), array_agg(step / 1000.0 ORDER BY step), array_agg(value ORDER BY step)
     FROM ${points} GROUP BY run_id, key, attempt, step / ${stretchSteps}`,
    [slug, steps],
  );
  // As migration 1764000012000 summarized the points that there were.
  await client.query(
    `INSERT INTO metric_spans (run_id, key, width, span, attempt, steps, first_step, last_step, least, greatest, non_finite_step, last_seq)
     SELECT run_id, key, width, step / width, attempt, bit_or(set_bit(no_steps, step % width, 1)), min(step), max(step),
       min(ARRAY[value, step, attempt]), max(ARRAY[value, -step, attempt]), NULL, max(step)
     FROM ${points}, (VALUES (64, 0::bit(64)::varbit), (512, 0::bit(512)::varbit)) AS widths (width, no_steps)
     GROUP BY run_id, key, width, step / width, attempt`,
    [slug, steps],
  );
  await client.query('COMMIT');
  await client.query('VACUUM ANALYZE');
}
