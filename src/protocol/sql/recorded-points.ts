import { stretchSteps } from '../metric-spans.js';

/**
 * SQL that reads the points (step, epoch, value, at) that one attempt recorded of a metric from one step to another,
 * both included, in no order. They are rows or elements of blocks (table metric_blocks). A block begins within the 64
 * steps that all of its points lie in, so only those blocks are read that can have points of the range. The view
 * recorded_points has all points; a range of its steps would read all blocks of the metric.
 * @param of names of columns, or expressions
 */
export function recordedPoints(of: {
  readonly runId: string;
  readonly key: string;
  readonly attempt: string;
  readonly from: string;
  readonly to: string;
}): string {
  const { runId, key, attempt, from, to } = of;
  return `
    SELECT step, epoch, value, at FROM metric_points
     WHERE run_id = ${runId} AND key = ${key} AND attempt = ${attempt} AND step BETWEEN ${from} AND ${to}
    UNION ALL
    SELECT point.step, point.epoch, point.value, block.at
      FROM metric_blocks AS block, unnest(block.steps, block.epochs, block.values) AS point (step, epoch, value)
     WHERE block.run_id = ${runId} AND block.key = ${key} AND block.attempt = ${attempt}
       AND block.first_step BETWEEN (${from}) / ${stretchSteps} * ${stretchSteps} AND ${to}
       AND point.step BETWEEN ${from} AND ${to}`;
}

/**
 * SQL that reads the point (epoch, value, at) that one attempt recorded of a metric at a step; no row: there is none.
 * Of the one block that can have it only the place of the step is looked up, so that a chart of thousands of points
 * takes no 64 rows for each.
 * @param of names of columns, or expressions
 */
export function recordedPoint(of: {
  readonly runId: string;
  readonly key: string;
  readonly attempt: string;
  readonly step: string;
}): string {
  const { runId, key, attempt, step } = of;
  return `
    SELECT epoch, value, at FROM metric_points
     WHERE run_id = ${runId} AND key = ${key} AND attempt = ${attempt} AND step = ${step}
    UNION ALL
    SELECT block.epochs[place], block.values[place], block.at
      FROM metric_blocks AS block CROSS JOIN LATERAL array_position(block.steps, ${step}) AS place
     WHERE block.run_id = ${runId} AND block.key = ${key} AND block.attempt = ${attempt}
       AND block.first_step BETWEEN (${step}) / ${stretchSteps} * ${stretchSteps} AND ${step} AND place IS NOT NULL`;
}
