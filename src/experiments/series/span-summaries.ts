import { stretchSteps, wideSteps } from '../../protocol/metric-spans.js';
import { pointBytes, type ReadPoint, readByStep, readByValue, wholeNumber } from '../../protocol/point-bytes.js';
import type { Query } from '../../protocol/sql/query.js';
import { type KeptPoints, roles } from './kept-points.js';

/** Which series of which runs, and in how many stretches each is cut. */
export interface SummariesArgs {
  readonly runIds: readonly string[];
  /** Null: every metric. */
  readonly keys: readonly string[] | null;
  /** Null: of all attempts. */
  readonly attempt: number | null;
  readonly stretches: number;
}

/** A series with the summaries of its spans, of the greatest width that gives every stretch a span of its own. */
export interface SummarizedSeries {
  readonly runId: string;
  readonly key: string;
  /** The first step of its first wide span. */
  readonly origin: number;
  /** Steps from there to the end of the last one. */
  readonly extent: number;
  readonly width: number;
  readonly summaries: Buffer;
}

/** How many points follow in a record: none, where the series is so short that they are of no use. */
const noPoints = 0;
/** The row is from before spans had points: what is known of them follows. */
const formerRow = -1;
const absent = -1;

/** A row of `m` as bytes, which SpanRecords reads. */
const record = `int4send(span) || int4send(attempt) || int8send(last_seq) || varbit_send(steps) || CASE
  WHEN series.is_short THEN int4send(${noPoints})
  WHEN first_point IS NULL THEN
    int4send(${formerRow}) || int4send(first_step) || int4send(last_step) || int4send(coalesce(non_finite_step, ${absent}))
    || int4send(coalesce(least[2]::int, ${absent})) || float8send(coalesce(least[1], 0))
    || int4send(coalesce(-greatest[2]::int, ${absent})) || float8send(coalesce(greatest[1], 0))
  ELSE
    int4send(num_nonnulls(first_point, last_point, non_finite_point, least_point, greatest_point)) || first_point || last_point
    || coalesce(non_finite_point, '') || coalesce(least_point, '') || coalesce(greatest_point, '')
  END`;

/**
 * The summaries of series, sorted by run and key; a series without points is left out. They come as one run of bytes
 * for each series: as rows, a hundred thousand summaries would take the driver seconds.
 *
 * OFFSET 0 prevents PostgreSQL from flattening a lateral subquery: each outer row gets an index scan, whatever the
 * table's statistics say.
 */
export function readSummaries(query: Query, args: SummariesArgs): Promise<SummarizedSeries[]> {
  return query<SummarizedSeries>(
    `WITH RECURSIVE walked (run_id, key) AS (
       SELECT id, (SELECT min(key) FROM metric_spans WHERE run_id = id) FROM unnest($1::uuid[]) AS runs (id) WHERE $2::text[] IS NULL
       UNION ALL
       SELECT run_id, (SELECT min(m.key) FROM metric_spans m WHERE m.run_id = walked.run_id AND m.key > walked.key)
       FROM walked WHERE key IS NOT NULL
     ), named AS (
       SELECT run_id, key FROM walked
       UNION
       SELECT run_id, key FROM unnest($1::uuid[]) AS run_id, unnest($2::text[]) AS key
     ), series AS (
       SELECT run_id, key, first_span * ${wideSteps} AS origin, spans * ${wideSteps} AS extent,
         CASE WHEN spans >= $4 THEN ${wideSteps} ELSE ${stretchSteps} END AS width, spans * ${wideSteps} < ${stretchSteps} * $4 AS is_short
       FROM named
       CROSS JOIN LATERAL (
         SELECT min(span) AS first_span, max(span) - min(span) + 1 AS spans
         FROM metric_spans m
         WHERE m.run_id = named.run_id AND m.key = named.key AND m.width = ${wideSteps} AND ($3::int IS NULL OR m.attempt = $3)
         OFFSET 0
       ) AS coarse
       WHERE spans IS NOT NULL
     )
     SELECT run_id AS "runId", key, origin, extent, width, summaries
     FROM series
     CROSS JOIN LATERAL (
       SELECT string_agg(${record}, '' ORDER BY span, attempt) AS summaries
       FROM metric_spans m
       WHERE m.run_id = series.run_id AND m.key = series.key AND m.width = series.width AND ($3::int IS NULL OR m.attempt = $3)
       OFFSET 0
     ) AS recorded
     ORDER BY run_id, key`,
    [args.runIds, args.keys, args.attempt, args.stretches],
  );
}

/** What is known of a span without its points. */
export interface SpanRecord {
  readonly span: number;
  readonly attempt: number;
  /** Where its steps begin, a bit each, the first one in the highest bit of the first byte. */
  readonly bitsAt: number;
  /** Of these, the steps that no higher attempt recorded; null: all, so that its summary counts as it is. */
  readonly shown: Uint8Array | null;
  readonly shownCount: number;
  /** Of its newest event. */
  readonly lastSeq: number;
  /** Where its points begin. */
  readonly pointsAt: number;
}

/** The records that have steps that are shown; those of one span follow each other, by attempt. */
export function recordsOf({ summaries, width }: SummarizedSeries): SpanRecord[] {
  const view = viewOf(summaries);
  const records: SpanRecord[] = [];
  let at = 0;
  while (at < summaries.length) {
    const bitsAt = at + 20;
    const pointsAt = bitsAt + width / 8;
    records.push({
      span: view.getInt32(at),
      attempt: view.getInt32(at + 4),
      lastSeq: wholeNumber(view, at + 8),
      bitsAt,
      shown: null,
      shownCount: bitsIn(summaries, bitsAt, pointsAt),
      pointsAt,
    });
    const points = view.getInt32(pointsAt);
    at = pointsAt + 4 + (points === formerRow ? formerBytes : points * pointBytes);
  }
  return withoutSuperseded(records, summaries, width / 8);
}

/** Takes from the records of each span the steps that a higher attempt recorded. */
function withoutSuperseded(records: SpanRecord[], summaries: Uint8Array, length: number): SpanRecord[] {
  for (let i = records.length - 2; i >= 0; i -= 1) {
    const { span, bitsAt } = records[i]!;
    if (records[i + 1]!.span !== span) continue;
    const shown = Uint8Array.from(summaries.subarray(bitsAt, bitsAt + length));
    for (let higher = i + 1; records[higher]?.span === span; higher += 1) {
      const newerAt = records[higher]!.bitsAt;
      for (let byte = 0; byte < length; byte += 1) shown[byte]! &= ~summaries[newerAt + byte]!;
    }
    const shownCount = bitsIn(shown, 0, length);
    if (shownCount < records[i]!.shownCount) records[i] = { ...records[i]!, shown, shownCount };
  }
  return records.filter(({ shownCount }) => shownCount > 0);
}

/** Whether a step, counted from the span's first one, is shown. */
export function isShown({ shown, bitsAt }: SpanRecord, step: number, summaries: Uint8Array): boolean {
  const byte = step >> 3;
  return ((shown === null ? summaries[bitsAt + byte]! : shown[byte]!) & (0x80 >> (step & 7))) !== 0;
}

function bitsIn(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i += 1) count += bitsInByte[bytes[i]!]!;
  return count;
}

const bitsInByte = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

const formerBytes = 3 * 4 + 2 * (4 + 8);
const point: ReadPoint = { step: 0, value: 0, epoch: 0, moment: 0 };

/** Offers the points of a record to a stretch, each for what it is in its span. */
export function offerSummary(
  kept: KeptPoints,
  stretch: number,
  { attempt, pointsAt }: SpanRecord,
  view: DataView,
): void {
  const points = view.getInt32(pointsAt);
  if (points === formerRow) {
    offerFormer(kept, stretch, attempt, view, pointsAt + 4);
    return;
  }
  let at = pointsAt + 4;
  const offer = (role: number, read: typeof readByStep): void => {
    read(view, at, point);
    kept.offer(stretch, role, attempt, point);
    at += pointBytes;
  };
  offer(roles.first, readByStep);
  offer(roles.last, readByStep);
  // 3: none is finite; 4: all are; 5: neither.
  if (points !== 4) offer(roles.nonFinite, readByStep);
  if (points === 3) return;
  offer(roles.least, readByValue);
  offer(roles.greatest, readByValue);
}

/** A point's value may be unknown, its epoch and its moment always are. */
function offerFormer(kept: KeptPoints, stretch: number, attempt: number, view: DataView, at: number): void {
  point.epoch = Number.NaN;
  point.moment = Number.NaN;
  const offer = (role: number, stepAt: number, value: number): void => {
    point.step = view.getInt32(stepAt);
    point.value = value;
    if (point.step !== absent) kept.offer(stretch, role, attempt, point);
  };
  offer(roles.first, at, Number.NaN);
  offer(roles.last, at + 4, Number.NaN);
  offer(roles.nonFinite, at + 8, Number.NaN);
  offer(roles.least, at + 12, view.getFloat64(at + 16));
  offer(roles.greatest, at + 24, view.getFloat64(at + 28));
}

export function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
