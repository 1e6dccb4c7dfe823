/** A point of one experiment's series. */
export interface AlignablePoint {
  readonly step: number;
  readonly epoch: number;
  readonly value: number;
  readonly at: Date;
}

/** The properties of a run that decide where its points lie on the shared axis. */
export interface AlignedRun {
  /** Null: the run has not started, and so has no points. */
  readonly startedAt: Date | null;
  /** How many rows the training split has. */
  readonly trainingExamples: number;
}

export type Alignment = 'STEP' | 'EPOCH' | 'EXAMPLES' | 'RELATIVE_TIME';

/** The place of a point on the shared axis. */
export function positionOf(alignment: Alignment, run: AlignedRun, point: AlignablePoint): number {
  switch (alignment) {
    case 'STEP':
      return point.step;
    case 'EPOCH':
      return point.epoch;
    case 'EXAMPLES':
      return Math.round(point.epoch * run.trainingExamples);
    case 'RELATIVE_TIME':
      return (point.at.getTime() - (run.startedAt ?? point.at).getTime()) / 1000;
    default:
      return alignment satisfies never;
  }
}

export interface Aligned<Point> {
  /** In ascending order. */
  readonly x: readonly number[];
  /** For each series, its point at each x, or null. */
  readonly lines: readonly (readonly (Point | null)[])[];
}

/**
 * Puts several series on one axis, which has every x of any series. An x at which a series has several points (recorded
 * in the same millisecond, say) is repeated as often as in the series with most of them, so that no point is lost.
 */
export function alignSeries<Point>(
  series: readonly (readonly Point[])[],
  xOf: (point: Point, index: number) => number,
): Aligned<Point> {
  const rows = new Map<number, (Point | null)[][]>();
  series.forEach((points, index) => {
    const seen = new Map<number, number>();
    for (const point of points) {
      const x = xOf(point, index);
      const row = rows.get(x) ?? [];
      rows.set(x, row);
      const position = seen.get(x) ?? 0;
      seen.set(x, position + 1);
      row[position] ??= new Array<Point | null>(series.length).fill(null);
      row[position][index] = point;
    }
  });
  const sorted = [...rows].sort(([a], [b]) => a - b).flatMap(([x, same]) => same.map((points) => ({ x, points })));
  return { x: sorted.map(({ x }) => x), lines: series.map((_, index) => sorted.map(({ points }) => points[index]!)) };
}
