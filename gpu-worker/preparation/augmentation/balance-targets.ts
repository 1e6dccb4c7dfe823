import type { BalanceTarget } from '../../../src/protocol/preparation/steps/augmentation.js';

/** How many rows each label is to have: at least (over-sampling sees to it), and at most (under-sampling does). */
export interface LabelBounds {
  /** [L] */
  readonly least: Float64Array;
  /** [L]; infinite where no row of a label is dropped. */
  readonly most: Float64Array;
}

/** The bounds that a target sets, from the rows that each label has. @param counts [L], each at least 1 */
export function boundsOf(target: BalanceTarget, counts: Int32Array): LabelBounds {
  const largest = counts.reduce((most, count) => Math.max(most, count), 0);
  const smallest = counts.reduce((least, count) => Math.min(least, count), Number.POSITIVE_INFINITY);
  const atLeast = (count: number): LabelBounds => bounds(counts.length, count, Number.POSITIVE_INFINITY);
  const atMost = (count: number): LabelBounds => bounds(counts.length, 0, count);
  const around = (count: number, by: 'over' | 'under' | 'both'): LabelBounds =>
    by === 'over' ? atLeast(count) : by === 'under' ? atMost(count) : bounds(counts.length, count, count);
  switch (target.kind) {
    case 'largest':
      return atLeast(largest);
    case 'smallest':
      return atMost(smallest);
    case 'mean': {
      const mean = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length);
      return around(Math.max(1, Math.round(mean)), target.by);
    }
    case 'count':
      return around(target.count, target.by);
    case 'ratio':
      return target.by === 'over'
        ? atLeast(Math.ceil(largest / target.ratio))
        : atMost(Math.floor(smallest * target.ratio));
    default:
      return target satisfies never;
  }
}

function bounds(labels: number, least: number, most: number): LabelBounds {
  return { least: new Float64Array(labels).fill(least), most: new Float64Array(labels).fill(most) };
}
