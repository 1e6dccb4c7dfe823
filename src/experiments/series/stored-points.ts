import { stretchSteps } from '../../protocol/metric-spans.js';
import { pointBytes, type ReadPoint, readByStep, wholeNumber } from '../../protocol/point-bytes.js';
import { momentBytes } from '../../protocol/sql/moment-bytes.js';
import type { Query } from '../../protocol/sql/query.js';
import { recordedPoint } from '../../protocol/sql/recorded-points.js';
import type { MetricPointRow } from '../metric.reads.js';
import { viewOf } from './span-summaries.js';

/** Steps of one attempt, both ends included. */
export interface StepRange {
  readonly runId: string;
  readonly key: string;
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
}

/** Points of a range, as they are stored: rows, and blocks, which may have points outside of the range. */
export interface StoredPoints {
  readonly rows: Buffer | null;
  readonly blocks: Buffer | null;
}

/**
 * The points of ranges, in their order. Blocks come as they lie in the table: taken apart in PostgreSQL, a point takes
 * about ten times as long.
 */
export function readRanges(query: Query, ranges: readonly StepRange[]): Promise<StoredPoints[]> {
  return query<StoredPoints>(
    `SELECT rows, blocks
     FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::int[]) WITH ORDINALITY AS range (run_id, key, attempt, first, last, place)
     CROSS JOIN LATERAL (
       SELECT string_agg(int4send(step) || float8send(value) || float8send(epoch) || ${momentBytes('at')}, '') AS rows
       FROM metric_points AS p
       WHERE p.run_id = range.run_id AND p.key = range.key AND p.attempt = range.attempt AND p.step BETWEEN first AND last
       OFFSET 0
     ) AS single
     CROSS JOIN LATERAL (
       SELECT string_agg(${momentBytes('at')} || array_send(steps) || array_send(values) || array_send(epochs), '') AS blocks
       FROM metric_blocks AS b
       WHERE b.run_id = range.run_id AND b.key = range.key AND b.attempt = range.attempt
         AND b.first_step BETWEEN first / ${stretchSteps} * ${stretchSteps} AND last
       OFFSET 0
     ) AS many
     ORDER BY place`,
    [
      ranges.map(({ runId }) => runId),
      ranges.map(({ key }) => key),
      ranges.map(({ attempt }) => attempt),
      ranges.map(({ from }) => from),
      ranges.map(({ to }) => to),
    ],
  );
}

/** What PostgreSQL writes before the elements of an array of one dimension: five numbers, the fourth its length. */
const arrayHead = 20;
const lengthAt = 12;
/** Each element has its length before it. */
const [intStride, floatStride] = [8, 12];

/** Calls `take` with each point, in no order, in one object that the next point overwrites. */
export function forEachPoint({ rows, blocks }: StoredPoints, take: (point: ReadPoint) => void): void {
  const point: ReadPoint = { step: 0, value: 0, epoch: 0, moment: 0 };
  if (rows !== null) {
    const view = viewOf(rows);
    for (let at = 0; at < rows.length; at += pointBytes) {
      readByStep(view, at, point);
      take(point);
    }
  }
  if (blocks === null) return;
  const view = viewOf(blocks);
  for (let at = 0; at < blocks.length; ) {
    const count = view.getInt32(at + 8 + lengthAt);
    const steps = at + 8 + arrayHead;
    const values = steps + count * intStride + arrayHead;
    const epochs = values + count * floatStride + arrayHead;
    point.moment = wholeNumber(view, at);
    for (let i = 0; i < count; i += 1) {
      point.step = view.getInt32(steps + i * intStride + 4);
      point.value = view.getFloat64(values + i * floatStride + 4);
      point.epoch = view.getFloat64(epochs + i * floatStride + 4);
      take(point);
    }
    at = epochs + count * floatStride;
  }
}

/** Names one point. */
export type PointName = Pick<MetricPointRow, 'runId' | 'key' | 'attempt' | 'step'>;

const namedPoint = recordedPoint({ runId: 'n.run_id', key: 'n.key', attempt: 'n.attempt', step: 'n.step' });

/** Points that are known by name, each looked up on its own, in no order. */
export function readPoints(query: Query, names: readonly PointName[]): Promise<MetricPointRow[]> {
  return query<MetricPointRow>(
    `SELECT n.run_id AS "runId", n.key, n.attempt, n.step, p.epoch, p.value, p.at
     FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[]) AS n (run_id, key, attempt, step)
     CROSS JOIN LATERAL (${namedPoint} OFFSET 0) AS p`,
    [
      names.map(({ runId }) => runId),
      names.map(({ key }) => key),
      names.map(({ attempt }) => attempt),
      names.map(({ step }) => step),
    ],
  );
}
