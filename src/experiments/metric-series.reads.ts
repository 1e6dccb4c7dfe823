import { stretchSteps } from '../protocol/metric-spans.js';
import type { ReadPoint } from '../protocol/point-bytes.js';
import type { Query } from '../protocol/sql/query.js';
import { KeptPoints, keptPerStretch, type SeriesPoint } from './series/kept-points.js';
import {
  isShown,
  offerSummary,
  readSummaries,
  recordsOf,
  type SpanRecord,
  type SummarizedSeries,
  viewOf,
} from './series/span-summaries.js';
import {
  forEachPoint,
  type PointName,
  readPoints,
  readRanges,
  type StepRange,
  type StoredPoints,
} from './series/stored-points.js';

/** The points of a metric that are shown of a run, by step. */
export interface MetricSeries {
  readonly runId: string;
  readonly key: string;
  readonly points: readonly SeriesPoint[];
  /** Of the points that were recorded. */
  readonly pointCount: number;
  /** Of the newest event that the series includes. */
  readonly lastSeq: number;
}

export interface MetricSeriesArgs {
  /** Null: every metric. */
  readonly keys: readonly string[] | null;
  readonly maxPoints: number;
  /** Null: for each step the highest attempt that recorded it. */
  readonly attempt: number | null;
}

/** The least `maxPoints`. A series with so few points still has the least and the greatest of all values. */
export const fewestPoints = 10;

/** So many points, and runs, are asked for at once: what the bytes of their summaries take is bounded. */
const pointsAtOnce = 100_000;
const mostRunsAtOnce = 40;
/** Metrics that a run is taken to have when all are asked for. */
const usualMetrics = 10;

/**
 * The series of several runs, each of at most `maxPoints` points, sorted by run, key and step.
 *
 * A longer series is cut into stretches of equally many steps, and up to five points of each stretch are kept (M4
 * aggregation, Jugel et al. 2014, doi:10.14778/2732951.2732953: a chart of the kept points looks like a chart of all
 * points, because no extreme is lost). They are the points of the summaries of metric_spans (ADR 0016, 0069), of the
 * greatest width that still gives every stretch a span of its own: 2,500 points out of a million take 2,000 summaries,
 * not a million rows. The points of a span are read only where its summary does not suffice: when a later attempt
 * recorded some of its steps but not all, or when the series is so short that a stretch is less than the narrowest
 * span.
 */
export async function metricSeries(
  query: Query,
  runIds: readonly string[],
  args: MetricSeriesArgs,
): Promise<MetricSeries[]> {
  const pointsOfRun = args.maxPoints * (args.keys?.length ?? usualMetrics);
  const size = Math.max(1, Math.min(mostRunsAtOnce, Math.floor(pointsAtOnce / pointsOfRun)));
  const inOrder = [...new Set(runIds)].sort();
  const stretches = Math.max(1, Math.floor(args.maxPoints / keptPerStretch));
  const groups = Array.from({ length: Math.ceil(inOrder.length / size) }, (_, i) =>
    inOrder.slice(i * size, (i + 1) * size),
  );
  const series: MetricSeries[] = [];
  // PostgreSQL reads the summaries of the next runs while these are reduced.
  let next = groups.length === 0 ? null : readSummaries(query, { ...args, runIds: groups[0]!, stretches });
  for (let i = 0; next !== null; i += 1) {
    const summarized = await next;
    const following = groups[i + 1];
    next = following === undefined ? null : readSummaries(query, { ...args, runIds: following, stretches });
    // It is awaited after the present ones; when these fail, nobody asks how it ended.
    next?.catch(() => undefined);
    series.push(...(await seriesOf(query, summarized, args.maxPoints, stretches)));
  }
  return series;
}

/** What is to be read of a series. */
interface Reading {
  readonly series: SummarizedSeries;
  readonly records: readonly SpanRecord[];
  readonly pointCount: number;
  /** Whether it has no more points than may be shown. */
  readonly isAll: boolean;
  /** Whether a stretch can be less than a span. */
  readonly isFine: boolean;
  readonly ranges: readonly StepRange[];
}

async function seriesOf(
  query: Query,
  summarized: readonly SummarizedSeries[],
  maxPoints: number,
  stretches: number,
): Promise<readonly MetricSeries[]> {
  const readings = summarized.map((series) => readingOf(series, maxPoints, stretches));
  const ranges = readings.flatMap((reading) => reading.ranges);
  const stored = ranges.length === 0 ? [] : await readRanges(query, ranges);
  let from = 0;
  const kept = readings.map((reading) => {
    const own = stored.slice(from, from + reading.ranges.length);
    from += own.length;
    return reading.isAll ? allPoints(reading, own) : keptPoints(reading, own, stretches);
  });
  const found = await formerPoints(query, readings, kept);
  return readings.map(({ series: { runId, key }, records, pointCount }, i) => {
    const own = kept[i]!;
    const points =
      own instanceof KeptPoints ? own.points((step, attempt) => found.get(nameOf({ runId, key, step, attempt }))) : own;
    const lastSeq = records.reduce((newest, record) => Math.max(newest, record.lastSeq), 0);
    return { runId, key, points, pointCount, lastSeq };
  });
}

/** The highest that PostgreSQL's int holds. */
const lastStep = 2 ** 31 - 1;

function readingOf(series: SummarizedSeries, maxPoints: number, stretches: number): Reading {
  const { runId, key, width, extent } = series;
  const records = recordsOf(series);
  const pointCount = records.reduce((sum, { shownCount }) => sum + shownCount, 0);
  const [isAll, isFine] = [pointCount <= maxPoints, extent < stretchSteps * stretches];
  const range = (attempt: number, first: number, last: number): StepRange => ({
    runId,
    key,
    attempt,
    from: first * width,
    to: Math.min(lastStep, last * width + width - 1),
  });
  if (!isAll && !isFine) {
    const ranges = records.filter(({ shown }) => shown !== null).map(({ span, attempt }) => range(attempt, span, span));
    return { series, records, pointCount, isAll, isFine, ranges };
  }
  const ofAttempts = new Map<number, { readonly first: number; last: number }>();
  for (const { span, attempt } of records) {
    const known = ofAttempts.get(attempt);
    if (known === undefined) ofAttempts.set(attempt, { first: span, last: span });
    else known.last = span;
  }
  const ranges = [...ofAttempts].map(([attempt, { first, last }]) => range(attempt, first, last));
  return { series, records, pointCount, isAll, isFine, ranges };
}

/** Calls `take` with each point of the ranges that is shown, and with its record. */
function forEachShown(
  { series: { width, summaries }, records, ranges }: Reading,
  stored: readonly StoredPoints[],
  take: (point: ReadPoint, record: SpanRecord) => void,
): void {
  for (const [i, { attempt, from, to }] of ranges.entries()) {
    const bySpan = new Map(
      records.filter((record) => record.attempt === attempt).map((record) => [record.span, record]),
    );
    forEachPoint(stored[i]!, (point) => {
      if (point.step < from || point.step > to) return;
      const span = Math.floor(point.step / width);
      const record = bySpan.get(span);
      if (record !== undefined && isShown(record, point.step - span * width, summaries)) take(point, record);
    });
  }
}

function allPoints(reading: Reading, stored: readonly StoredPoints[]): SeriesPoint[] {
  const points: SeriesPoint[] = [];
  forEachShown(reading, stored, ({ step, value, epoch, moment }, { attempt }) => {
    points.push({ attempt, step, epoch, value, at: new Date(moment) });
  });
  return points.sort((a, b) => a.step - b.step);
}

function keptPoints(reading: Reading, stored: readonly StoredPoints[], stretches: number): KeptPoints {
  const { series, records, isFine } = reading;
  const { origin, extent, width, summaries } = series;
  const stretchAt = (step: number): number => Math.floor(((step - origin) * stretches) / extent);
  const kept = new KeptPoints(stretches);
  forEachShown(reading, stored, (point, { span, attempt }) =>
    kept.offerAll(stretchAt(isFine ? point.step : span * width), attempt, point),
  );
  if (isFine) return kept;
  const view = viewOf(summaries);
  for (const record of records)
    if (record.shown === null) offerSummary(kept, stretchAt(record.span * width), record, view);
  return kept;
}

/** The points that summaries from before have only the steps of, by their names. */
async function formerPoints(
  query: Query,
  readings: readonly Reading[],
  kept: readonly (KeptPoints | readonly SeriesPoint[])[],
): Promise<ReadonlyMap<string, SeriesPoint>> {
  const names = kept.flatMap((points, i) => {
    const { runId, key } = readings[i]!.series;
    return points instanceof KeptPoints ? points.unknown().map((point) => ({ runId, key, ...point })) : [];
  });
  const found = names.length === 0 ? [] : await readPoints(query, names);
  return new Map(found.map((point) => [nameOf(point), point]));
}

function nameOf({ runId, key, attempt, step }: PointName): string {
  return `${runId} ${attempt} ${step} ${key}`;
}
