/** Steps that one stretch has, and one summary of the narrower width. */
export const stretchSteps = 64;

/** Steps that one summary of the wider width covers. ADR 0016 says why these two widths. */
export const wideSteps = 512;
const stretchesOfWide = wideSteps / stretchSteps;
const noSteps = '0'.repeat(stretchSteps);

export interface MetricPoint {
  readonly key: string;
  readonly step: number;
  /** Of the event that the point is from. */
  readonly seq: number;
  readonly epoch: number;
  /** NaN and the infinities are values like others. */
  readonly value: number;
}

/** Points of one metric within the steps from `64 span` to `64 span + 63`, in the order of their steps. */
interface MetricStretch {
  readonly key: string;
  readonly span: number;
  readonly points: readonly MetricPoint[];
}

/** What some points say about a metric within the steps from `span · width` to `span · width + width - 1`. */
export interface MetricSpan {
  readonly key: string;
  readonly width: typeof stretchSteps | typeof wideSteps;
  readonly span: number;
  /** Which of the steps were recorded: `width` times 0 or 1. */
  readonly steps: string;
  readonly first: MetricPoint;
  readonly last: MetricPoint;
  /** The points of the least and the greatest finite value; null when there is none. Of equal ones the first. */
  readonly least: MetricPoint | null;
  readonly greatest: MetricPoint | null;
  /** The first point whose value is not finite. */
  readonly nonFinite: MetricPoint | null;
  readonly lastSeq: number;
}

/**
 * Sorts points of one attempt into stretches.
 * @throws Error when two points are of the same metric and step
 */
export function stretchesOf(points: readonly MetricPoint[]): MetricStretch[] {
  const metrics = new Map<string, Map<number, MetricPoint[]>>();
  for (const point of points) {
    let spans = metrics.get(point.key);
    if (spans === undefined) {
      spans = new Map();
      metrics.set(point.key, spans);
    }
    const span = Math.floor(point.step / stretchSteps);
    const inside = spans.get(span);
    if (inside === undefined) spans.set(span, [point]);
    else inside.push(point);
  }
  return [...metrics].flatMap(([key, spans]) =>
    [...spans].map(([span, inside]) => ({ key, span, points: inOrderOfSteps(inside) })),
  );
}

function inOrderOfSteps(points: MetricPoint[]): MetricPoint[] {
  let before = -1;
  for (const { step } of points) {
    if (step <= before) return sorted(points);
    before = step;
  }
  return points;
}

function sorted(points: MetricPoint[]): MetricPoint[] {
  points.sort((a, b) => a.step - b.step);
  const twice = points.find(({ step }, i) => step === points[i + 1]?.step);
  if (twice !== undefined) throw new Error(`${twice.key} was recorded twice at step ${twice.step}.`);
  return points;
}

/** Summaries of stretches of one attempt, at each width. */
export function spansOf(stretches: readonly MetricStretch[]): MetricSpan[] {
  const narrow = stretches.map(summaryOf);
  const wide = new Map<string, MetricSpan[]>();
  for (const span of narrow) {
    const name = `${Math.floor(span.span / stretchesOfWide)} ${span.key}`;
    const inside = wide.get(name);
    if (inside === undefined) wide.set(name, [span]);
    else inside.push(span);
  }
  return [...narrow, ...[...wide.values()].map(merged)];
}

function summaryOf({ key, span, points }: MetricStretch): MetricSpan {
  const steps = noSteps.split('');
  let [least, greatest, nonFinite]: (MetricPoint | null)[] = [null, null, null];
  let lastSeq = 0;
  for (const point of points) {
    steps[point.step - span * stretchSteps] = '1';
    if (point.seq > lastSeq) lastSeq = point.seq;
    if (!Number.isFinite(point.value)) nonFinite ??= point;
    else {
      if (least === null || point.value < least.value) least = point;
      if (greatest === null || point.value > greatest.value) greatest = point;
    }
  }
  return {
    key,
    width: stretchSteps,
    span,
    steps: steps.join(''),
    first: points[0]!,
    last: points.at(-1)!,
    least,
    greatest,
    nonFinite,
    lastSeq,
  };
}

/** The summary of the wider width of all these of the narrower one. */
function merged(spans: readonly MetricSpan[]): MetricSpan {
  const inOrder = [...spans].sort((a, b) => a.span - b.span);
  const [first, last] = [inOrder[0]!, inOrder.at(-1)!];
  const span = Math.floor(first.span / stretchesOfWide);
  const steps = new Array<string>(stretchesOfWide).fill(noSteps);
  for (const each of inOrder) steps[each.span - span * stretchesOfWide] = each.steps;
  // Spans are in the order of their steps, and `<` keeps the first of equal values.
  const least = inOrder.reduce<MetricPoint | null>(
    (known, each) => (each.least !== null && (known === null || each.least.value < known.value) ? each.least : known),
    null,
  );
  const greatest = inOrder.reduce<MetricPoint | null>(
    (known, { greatest: each }) => (each !== null && (known === null || each.value > known.value) ? each : known),
    null,
  );
  return {
    key: first.key,
    width: wideSteps,
    span,
    steps: steps.join(''),
    first: first.first,
    last: last.last,
    least,
    greatest,
    nonFinite: inOrder.find(({ nonFinite }) => nonFinite !== null)?.nonFinite ?? null,
    lastSeq: inOrder.reduce((newest, { lastSeq }) => Math.max(newest, lastSeq), 0),
  };
}
