import { type MetricPoint, type MetricSpan, spansOf, stretchesOf } from '../metric-spans.js';
import { byStep, byValue, byValueDownwards } from '../point-bytes.js';
import { momentBytes } from './moment-bytes.js';

/** From so many points of a metric within 64 steps on, a write stores them as one block of arrays. */
const leastInBlock = 4;

/**
 * The parts of a statement that write points, with the parameters from `$first` on that metricParameters() makes. The
 * statement says before in a part `target` for whom: at most one row (run_id, attempt, before, at), where `before` is
 * added to the seqs of the points. Without that row nothing is written.
 *
 * One statement writes points (as rows or, where many of a metric come at once, as blocks), what they change in the
 * summaries of the spans of steps that they lie in (table metric_spans), and the newest point of each metric (table
 * run_metrics), by which experiments are filtered and sorted. No other code writes points, so that a span's summary
 * always agrees with its points: where summaries are enough, a series is read from them alone. `target` holds the lock
 * of the run's row, which lets one write at a time through, so that none overwrites another.
 *
 * An attempt records a metric once at each step: a second time would set a bit again, and is refused since `steps` is
 * then null.
 */
export function metricParts(first: number): string {
  const from = (offset: number, types: string): string =>
    `unnest(${types
      .split(' ')
      .map((type, i) => `$${first + offset + i}::${type}[]`)
      .join(', ')})`;
  return `, points AS (
      INSERT INTO metric_points (run_id, attempt, at, key, step, seq, epoch, value)
      SELECT target.run_id, target.attempt, target.at, point.key, point.step, target.before + point.seq, point.epoch, point.value
        FROM target, ${from(0, 'text int bigint float8 float8')} AS point (key, step, seq, epoch, value)
    ), blocks AS (
      INSERT INTO metric_blocks (run_id, attempt, at, key, first_step, steps, epochs, values)
      SELECT target.run_id, target.attempt, target.at, block.key, block.first_step, block.steps::int[], block.epochs::float8[], block.values::float8[]
        FROM target, ${from(5, 'text int text text text')} AS block (key, first_step, steps, epochs, values)
    ), newest AS (
      INSERT INTO run_metrics AS known (project_id, run_id, attempt, at, key, step, epoch, value)
      SELECT (SELECT e.project_id FROM target JOIN runs r ON r.id = target.run_id JOIN experiments e ON e.id = r.experiment_id),
        target.run_id, target.attempt, target.at, point.*
        FROM target, ${from(10, 'text int float8 float8')} AS point (key, step, epoch, value)
      ON CONFLICT (run_id, key) DO UPDATE SET
        attempt = excluded.attempt, step = excluded.step, epoch = excluded.epoch, value = excluded.value, at = excluded.at
      WHERE (known.attempt, known.step) < (excluded.attempt, excluded.step)
    ), spans AS (
      INSERT INTO metric_spans AS known
        (run_id, attempt, key, width, span, steps, first_step, last_step, least, greatest, non_finite_step, last_seq,
         first_point, last_point, least_point, greatest_point, non_finite_point)
      SELECT target.run_id, target.attempt, key, width, span, steps::varbit, first_step, last_step,
        CASE WHEN least IS NOT NULL THEN ARRAY[least, least_step, target.attempt] END,
        CASE WHEN greatest IS NOT NULL THEN ARRAY[greatest, -greatest_step, target.attempt] END,
        non_finite_step, target.before + last_seq,
        first_point || moment, last_point || moment, least_point || moment, greatest_point || moment, non_finite_point || moment
      FROM target CROSS JOIN LATERAL ${momentBytes('target.at')} AS moment,
        ${from(14, 'text int int text int int float8 int float8 int int bigint bytea bytea bytea bytea bytea')} AS span
        (key, width, span, steps, first_step, last_step, least, least_step, greatest, greatest_step, non_finite_step, last_seq,
         first_point, last_point, least_point, greatest_point, non_finite_point)
      ON CONFLICT (run_id, key, width, span, attempt) DO UPDATE SET
        steps = CASE WHEN bit_count(known.steps & excluded.steps) = 0 THEN known.steps | excluded.steps END,
        first_step = least(known.first_step, excluded.first_step),
        last_step = greatest(known.last_step, excluded.last_step),
        least = least(known.least, excluded.least),
        greatest = greatest(known.greatest, excluded.greatest),
        non_finite_step = least(known.non_finite_step, excluded.non_finite_step),
        last_seq = greatest(known.last_seq, excluded.last_seq),
        first_point = CASE WHEN known.first_point IS NOT NULL THEN least(known.first_point, excluded.first_point) END,
        last_point = greatest(known.last_point, excluded.last_point),
        least_point = least(known.least_point, excluded.least_point),
        greatest_point = greatest(known.greatest_point, excluded.greatest_point),
        non_finite_point = least(known.non_finite_point, excluded.non_finite_point)
    )`;
}

/**
 * The parameters of metricParts(), in its order.
 * @throws Error when two points are of the same metric and step
 */
export function metricParameters(points: readonly MetricPoint[]): unknown[] {
  const stretches = stretchesOf(points);
  const blocks = stretches.filter((stretch) => stretch.points.length >= leastInBlock);
  const single = stretches.flatMap((stretch) => (stretch.points.length < leastInBlock ? stretch.points : []));
  const newest = newestOf(points);
  const spans = spansOf(stretches);
  const ofSpans = <Value>(read: (span: MetricSpan) => Value): Value[] => spans.map(read);
  const ofBlocks = (read: (point: MetricPoint) => number): string[] =>
    blocks.map((block) => `{${block.points.map(read).join()}}`);
  return [
    single.map(({ key }) => key),
    single.map(({ step }) => step),
    single.map(({ seq }) => seq),
    single.map(({ epoch }) => epoch),
    single.map(({ value }) => value),
    blocks.map(({ key }) => key),
    blocks.map((block) => block.points[0]!.step),
    ofBlocks(({ step }) => step),
    ofBlocks(({ epoch }) => epoch),
    ofBlocks(({ value }) => value),
    newest.map(({ key }) => key),
    newest.map(({ step }) => step),
    newest.map(({ epoch }) => epoch),
    newest.map(({ value }) => value),
    ofSpans(({ key }) => key),
    ofSpans(({ width }) => width),
    ofSpans(({ span }) => span),
    ofSpans(({ steps }) => steps),
    ofSpans(({ first }) => first.step),
    ofSpans(({ last }) => last.step),
    ofSpans(({ least }) => least?.value ?? null),
    ofSpans(({ least }) => least?.step ?? null),
    ofSpans(({ greatest }) => greatest?.value ?? null),
    ofSpans(({ greatest }) => greatest?.step ?? null),
    ofSpans(({ nonFinite }) => nonFinite?.step ?? null),
    ofSpans(({ lastSeq }) => lastSeq),
    ofSpans(({ first }) => byStep(first)),
    ofSpans(({ last }) => byStep(last)),
    ofSpans(({ least }) => least && byValue(least)),
    ofSpans(({ greatest }) => greatest && byValueDownwards(greatest)),
    ofSpans(({ nonFinite }) => nonFinite && byStep(nonFinite)),
  ];
}

/** Of each metric the point of the highest step. */
function newestOf(points: readonly MetricPoint[]): MetricPoint[] {
  const newest = new Map<string, MetricPoint>();
  for (const point of points) {
    const known = newest.get(point.key);
    if (known === undefined || known.step < point.step) newest.set(point.key, point);
  }
  return [...newest.values()];
}
