import { rowsOfLabels, type UnitKinds, unitsOfLabels } from './unit-kinds.js';

/** Beside the labels the rows count less: groups of rows can seldom meet both. */
const weightOfRows = 0.25;

/**
 * How far splits are from what they should have. The deviation is the sum over labels and splits of
 * (wanted − has)² / (fraction · rows of the label), and the same of all rows, which count a quarter of a label; so a
 * rare label counts as much as a frequent one, and a small split as much as a large one. Pairs of labels count together
 * as much as the labels.
 */
export interface Balance {
  readonly splits: number;
  /** By how much the deviation falls when a unit of the kind goes to the split. O(labels of a unit). */
  gain(kind: number, split: number): number;
  /** By how much the deviation falls when a unit of the kind leaves the split. O(labels of a unit). */
  gainOfLeaving(kind: number, split: number): number;
  /** Counts units of a kind to a split; a negative number takes them away. */
  put(kind: number, split: number, units: number): void;
}

export interface BalanceOptions {
  /** Their sum is 1. */
  readonly fractions: readonly number[];
  /** So many labels, the first ones, are labels; the rest are pairs. */
  readonly labels: number;
  /**
   * Whether each label is wanted at least once in every split, also where its fraction is below one row, if it occurs
   * in as many units as there are splits.
   */
  readonly coverLabels: boolean;
}

/** The balance of splits that have no rows yet. 8 bytes a label and split. */
export function createBalance(kinds: UnitKinds, { fractions, labels: own, coverLabels }: BalanceOptions): Balance {
  const { units, rows, starts, labels, occurrences, labelCount } = kinds;
  const splits = fractions.length;
  const total = rows.reduce((sum, count, kind) => sum + count * units[kind]!, 0);
  const ofLabels = rowsOfLabels(kinds);
  const ofUnits = unitsOfLabels(kinds);
  const wantedRows = Float64Array.from(fractions, (fraction) => total * fraction);
  const wanted = new Float64Array(labelCount * splits);
  const weights = new Float64Array(labelCount);
  const weightOfPair = Math.min(1, own / (labelCount - own));
  for (const [label, count] of ofLabels.entries()) {
    weights[label] = (label < own ? 1 : weightOfPair) / Math.max(1, count);
    const quotas = fractions.map((fraction) => count * fraction);
    const isCovered = coverLabels && label < own && ofUnits[label]! >= splits;
    wanted.set(isCovered ? atLeastOne(quotas) : quotas, label * splits);
  }

  /**
   * (w)² − (w − n)², summed up: by how much the deviation falls when n rows come; n is negative for rows that leave.
   */
  function fall(kind: number, split: number, sign: 1 | -1): number {
    const all = sign * rows[kind]!;
    let sum = (all * (2 * wantedRows[split]! - all) * weightOfRows) / total;
    for (let at = starts[kind]!; at < starts[kind + 1]!; at++) {
      const label = labels[at]!;
      const count = sign * occurrences[at]!;
      sum += count * (2 * wanted[label * splits + split]! - count) * weights[label]!;
    }
    return sum / fractions[split]!;
  }

  return {
    splits,
    gain: (kind, split) => fall(kind, split, 1),
    gainOfLeaving: (kind, split) => fall(kind, split, -1),
    put(kind, split, count) {
      wantedRows[split]! -= count * rows[kind]!;
      for (let at = starts[kind]!; at < starts[kind + 1]!; at++) {
        wanted[labels[at]! * splits + split]! -= count * occurrences[at]!;
      }
    },
  };
}

/**
 * Raises quotas below one to one, at the expense of the others, each by its part. Their sum is at least their number.
 */
function atLeastOne(quotas: readonly number[]): number[] {
  const missing = quotas.reduce((sum, quota) => sum + Math.max(0, 1 - quota), 0);
  const spare = quotas.reduce((sum, quota) => sum + Math.max(0, quota - 1), 0);
  if (missing === 0) return [...quotas];
  return quotas.map((quota) => (quota <= 1 ? 1 : quota - (missing * (quota - 1)) / spare));
}
