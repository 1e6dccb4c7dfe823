import { createRandom, shuffle } from '../../data/random.js';
import type { LabelBounds } from './balance-targets.js';

/** Keeps the random numbers of balancing apart from those of other steps with the same seed. */
const balanceStream = 0x62616c61;

/** Labels of R rows, as numbers of 0 … L − 1: of row r they are `labels[offsets[r]]` … `labels[offsets[r + 1] − 1]`. */
export interface RowLabels {
  /** [R + 1] */
  readonly offsets: Int32Array;
  /** None twice in a row. */
  readonly labels: Int32Array;
  readonly labelCount: number;
  /** [R]: 1 for a row that a step made; such rows are dropped before others. */
  readonly isMade: Uint8Array;
}

export interface BalancePlan {
  /** [R]: how many copies of each row are added. */
  readonly copies: Int32Array;
  /** [R]: 1 for a row that is dropped. */
  readonly isDropped: Uint8Array;
}

/** How many rows have each label, [L]. */
export function countLabels({ labels, labelCount }: Pick<RowLabels, 'labels' | 'labelCount'>): Int32Array {
  const counts = new Int32Array(labelCount);
  for (const label of labels) counts[label]! += 1;
  return counts;
}

/**
 * Which rows are dropped and which are copied, so that each label has a number of rows within its bounds: random under-
 * and over-sampling, of label sets as in ML-RUS and ML-ROS (Charte et al. 2015, "Addressing imbalance in multilabel
 * classification", Neurocomputing 163). Rows without a label stay as they are.
 *
 * Dropping goes through the rows in a drawn order, made rows first, and drops a row if each of its labels has more rows
 * than it may. Copying goes through the labels from the rarest up, and copies rows of a label in a drawn order, in
 * turn, until there are enough; rows with fewer other labels come first, since a copy counts for all labels of its row.
 *
 * With one label a row, all bounds are met exactly, and the copies of two rows of a label differ in number by one at
 * the most. With several, no label has fewer rows than its bounds ask for, but it may have more: labels that occur
 * together can not be counted apart. O(labels + copies).
 */
export function balanceLabels(
  rows: RowLabels,
  { least, most }: LabelBounds,
  { seed, step }: { readonly seed: number; readonly step: number },
): BalancePlan {
  const R = rows.offsets.length - 1;
  const counts = countLabels(rows);
  const order = shuffle(
    Int32Array.from({ length: R }, (_, row) => row),
    createRandom(seed, balanceStream, step),
  );
  const isDropped = dropRows(rows, order, counts, most);
  const copies = new Int32Array(R);
  const queues = queuesOf(rows, order, isDropped);
  const rarestFirst = [...counts.keys()].sort((a, b) => counts[a]! - counts[b]! || a - b);
  for (const label of rarestFirst) {
    const queue = queues[label]!;
    // A label that no row has can not be copied.
    if (queue.length === 0) continue;
    for (let turn = 0; counts[label]! < least[label]!; turn++) {
      const row = queue[turn % queue.length]!;
      copies[row]! += 1;
      for (const each of labelsOf(rows, row)) counts[each]! += 1;
    }
  }
  return { copies, isDropped };
}

/** Drops rows and takes them off `counts`. No label loses its last row. */
function dropRows(rows: RowLabels, order: Int32Array, counts: Int32Array, most: Float64Array): Uint8Array {
  const isDropped = new Uint8Array(order.length);
  for (const made of [1, 0]) {
    for (const row of order) {
      if (rows.isMade[row] !== made) continue;
      const labels = labelsOf(rows, row);
      if (labels.length === 0 || !labels.every((label) => counts[label]! > Math.max(1, most[label]!))) continue;
      isDropped[row] = 1;
      for (const label of labels) counts[label]! -= 1;
    }
  }
  return isDropped;
}

/** The rows that each label has, in the drawn order, those with fewer labels first. */
function queuesOf(rows: RowLabels, order: Int32Array, isDropped: Uint8Array): number[][] {
  const queues: number[][] = Array.from({ length: rows.labelCount }, () => []);
  for (const row of order) {
    if (isDropped[row] === 1) continue;
    for (const label of labelsOf(rows, row)) queues[label]!.push(row);
  }
  const size = (row: number): number => rows.offsets[row + 1]! - rows.offsets[row]!;
  for (const queue of queues) queue.sort((a, b) => size(a) - size(b));
  return queues;
}

function labelsOf({ offsets, labels }: RowLabels, row: number): Int32Array {
  return labels.subarray(offsets[row], offsets[row + 1]);
}
