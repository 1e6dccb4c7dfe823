/** Steps that one summary covers. ADR 0016 says why these two widths. */
const spanWidths = [64, 512] as const;

interface Point {
  readonly key: string;
  readonly step: number;
  readonly seq: number;
  readonly value: number;
}

/** What some points say about a metric within the steps from `span · width` to `span · width + width - 1`. */
export interface MetricSpan {
  readonly key: string;
  readonly width: (typeof spanWidths)[number];
  readonly span: number;
  /** Which of the steps were recorded. */
  readonly steps: boolean[];
  firstStep: number;
  lastStep: number;
  /** The points of the least and the greatest finite value; null when there is none. Of equal ones the first. */
  least: Point | null;
  greatest: Point | null;
  /** The first step whose value is not finite. */
  nonFiniteStep: number | null;
  lastSeq: number;
}

/** Summaries of points of one attempt, at each width. */
export function spansOf(points: readonly Point[]): MetricSpan[] {
  const spans = new Map<string, MetricSpan>();
  for (const width of spanWidths) {
    for (const point of points) {
      const span = Math.floor(point.step / width);
      const name = `${width} ${span} ${point.key}`;
      let known = spans.get(name);
      if (known === undefined) {
        known = emptySpan(point, width, span);
        spans.set(name, known);
      }
      add(known, point);
    }
  }
  return [...spans.values()];
}

function emptySpan({ key, step, seq }: Point, width: MetricSpan['width'], span: number): MetricSpan {
  const steps = new Array<boolean>(width).fill(false);
  const none = { least: null, greatest: null, nonFiniteStep: null };
  return { key, width, span, steps, firstStep: step, lastStep: step, ...none, lastSeq: seq };
}

function add(span: MetricSpan, point: Point): void {
  const { step, value, seq } = point;
  span.steps[step - span.span * span.width] = true;
  span.firstStep = Math.min(span.firstStep, step);
  span.lastStep = Math.max(span.lastStep, step);
  span.lastSeq = Math.max(span.lastSeq, seq);
  if (!Number.isFinite(value)) {
    span.nonFiniteStep = Math.min(span.nonFiniteStep ?? step, step);
    return;
  }
  const isEarlier = (than: Point) => value === than.value && step < than.step;
  if (span.least === null || value < span.least.value || isEarlier(span.least)) span.least = point;
  if (span.greatest === null || value > span.greatest.value || isEarlier(span.greatest)) span.greatest = point;
}
