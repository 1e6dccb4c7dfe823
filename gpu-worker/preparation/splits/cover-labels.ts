import { kindsOfLabels, type UnitKinds, unitsOfLabels } from './unit-kinds.js';

/**
 * Moves units, in place, so that each label that occurs in as many units as there are splits occurs in every split.
 * Stratification wants that too, but a unit that goes by its rarest label takes its others along. A unit is moved only
 * from a split that keeps others with each of its labels, so no label is lost elsewhere; where there is none, the label
 * stays missing.
 *
 * @param shares how many units of each kind each split has `[K, splits]`
 */
export function coverLabels(kinds: UnitKinds, shares: Int32Array, splits: number): void {
  const { starts, labels } = kinds;
  const counts = unitsOfLabelsInSplits(kinds, shares, splits);
  const total = unitsOfLabels(kinds);
  const rarestFirst = Array.from({ length: kinds.labelCount }, (_, label) => label)
    .filter((label) => total[label]! >= splits && isMissing(label))
    .sort((a, b) => total[a]! - total[b]!);
  if (rarestFirst.length === 0) return;
  const byLabel = kindsOfLabels(kinds, Int32Array.from(kinds.units.keys()));

  function isMissing(label: number): boolean {
    return counts.subarray(label * splits, (label + 1) * splits).includes(0);
  }

  /**
   * The kind and split of a unit that can leave its split: with the fewest labels, from the split with most of this.
   */
  function leaving(label: number): { readonly kind: number; readonly from: number } | null {
    let best: { readonly kind: number; readonly from: number } | null = null;
    let bestSize = Number.POSITIVE_INFINITY;
    for (const kind of byLabel.kinds.subarray(byLabel.starts[label]!, byLabel.starts[label + 1]!)) {
      const size = kinds.rows[kind]! * (starts[kind + 1]! - starts[kind]!);
      for (let from = 0; from < splits; from++) {
        if (shares[kind * splits + from] === 0 || !keepsAll(kind, from)) continue;
        const more = best !== null && counts[label * splits + from]! > counts[label * splits + best.from]!;
        if (size < bestSize || (size === bestSize && more)) {
          best = { kind, from };
          bestSize = size;
        }
      }
    }
    return best;
  }

  function keepsAll(kind: number, from: number): boolean {
    for (let at = starts[kind]!; at < starts[kind + 1]!; at++) {
      const label = labels[at]!;
      if (total[label]! >= splits && counts[label * splits + from]! < 2) return false;
    }
    return true;
  }

  for (const label of rarestFirst) {
    for (let split = 0; split < splits; split++) {
      if (counts[label * splits + split]! > 0) continue;
      const found = leaving(label);
      if (found === null) break;
      const { kind, from } = found;
      shares[kind * splits + from]!--;
      shares[kind * splits + split]!++;
      for (let at = starts[kind]!; at < starts[kind + 1]!; at++) {
        counts[labels[at]! * splits + from]!--;
        counts[labels[at]! * splits + split]!++;
      }
    }
  }
}

/** In how many units of each split each label occurs `[labels, splits]`. */
function unitsOfLabelsInSplits(kinds: UnitKinds, shares: Int32Array, splits: number): Int32Array {
  const counts = new Int32Array(kinds.labelCount * splits);
  for (let kind = 0; kind < kinds.units.length; kind++) {
    for (let at = kinds.starts[kind]!; at < kinds.starts[kind + 1]!; at++) {
      for (let split = 0; split < splits; split++) {
        counts[kinds.labels[at]! * splits + split]! += shares[kind * splits + split]!;
      }
    }
  }
  return counts;
}
