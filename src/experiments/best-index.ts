import { defineMetric, type MetricDefinition } from '../protocol/metric-definition.js';

/**
 * The index of the best finite value, the first among equals; null when there is none, or the metric has no direction.
 */
export function bestIndex(values: readonly (number | null)[], direction: MetricDefinition['direction']): number | null {
  if (direction === 'NEITHER') return null;
  let best: number | null = null;
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) return;
    const present = best === null ? null : values[best]!;
    const better = present === null || (direction === 'HIGHER_IS_BETTER' ? value > present : value < present);
    if (better) best = index;
  });
  return best;
}

/** The best of a metric's points by its direction, the first among equals; null when there is none. */
export function bestPoint<Point extends { readonly value: number }>(
  key: string,
  points: readonly Point[],
): Point | null {
  const index = bestIndex(
    points.map(({ value }) => value),
    defineMetric(key).direction,
  );
  return index === null ? null : points[index]!;
}
