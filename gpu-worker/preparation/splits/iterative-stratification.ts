import { type Random, shuffle } from '../../data/random.js';
import type { Balance } from './balance.js';
import { rarestFirst } from './rarest-first.js';
import { kindsOfLabels, rowsOfLabels, type UnitKinds } from './unit-kinds.js';

/** Gains that differ by less than this are equal, because sums of fractions are not exact. */
const tolerance = 1e-9;

/**
 * Divides units into splits, so that each label, and the rows, come near to the fractions in each of them, by iterative
 * stratification (Sechidis, Tsoumakas and Vlahavas 2011, “On the Stratification of Multi-label Data”, algorithm 1): the
 * label with the fewest rows left goes first, with all of its units. Units without labels go last.
 *
 * Two things differ from the paper. A unit goes to the split where it lessens the deviation of all of its labels most,
 * not to the one that wants most rows of the rarest label: by that rule the largest split would be filled before the
 * others get anything, and labels that come along would decide nothing. And units of several rows go before all others,
 * those that can do most harm first, so that single rows level what they leave; as scikit-learn's
 * `StratifiedGroupKFold` has it.
 *
 * Equal gains are decided by lot. O(units · splits · labels of a unit) time; 4 bytes a kind and split, 12 a label.
 *
 * @returns how many units of each kind go to each split `[K, splits]`
 */
export function stratifyIteratively(kinds: UnitKinds, balance: Balance, random: Random): Int32Array {
  const { units, starts, labels, occurrences } = kinds;
  const { splits } = balance;
  const shares = new Int32Array(units.length * splits);
  const isPlaced = new Uint8Array(units.length);
  const queue = rarestFirst(rowsOfLabels(kinds), random);

  function place(kind: number): void {
    if (isPlaced[kind] === 1) return;
    isPlaced[kind] = 1;
    const count = units[kind]!;
    for (let unit = 0; unit < count; unit++) {
      const split = bestSplit(balance, kind, random);
      shares[kind * splits + split]!++;
      balance.put(kind, split, 1);
    }
    for (let at = starts[kind]!; at < starts[kind + 1]!; at++) queue.take(labels[at]!, count * occurrences[at]!);
  }

  const order = shuffle(Int32Array.from(units.keys()), random);
  for (const kind of groupsByHarm(kinds, order)) place(kind);
  const byLabel = kindsOfLabels(kinds, order);
  for (let label = queue.rarest(); label >= 0; label = queue.rarest()) {
    for (let at = byLabel.starts[label]!; at < byLabel.starts[label + 1]!; at++) place(byLabel.kinds[at]!);
  }
  for (const kind of order) place(kind);
  return shares;
}

/**
 * The kinds of several rows, those first that can spoil the balance most: the sum of their shares of each label,
 * squared.
 */
function groupsByHarm(kinds: UnitKinds, order: Int32Array): Int32Array {
  const { units, rows, starts, labels, occurrences } = kinds;
  const ofLabels = rowsOfLabels(kinds);
  const total = rows.reduce((sum, count, kind) => sum + count * units[kind]!, 0);
  const harm = new Float64Array(units.length);
  const groups = order.filter((kind) => rows[kind]! > 1);
  for (const kind of groups) {
    let sum = (rows[kind]! * rows[kind]!) / total;
    for (let at = starts[kind]!; at < starts[kind + 1]!; at++) {
      sum += (occurrences[at]! * occurrences[at]!) / ofLabels[labels[at]!]!;
    }
    harm[kind] = sum;
  }
  return groups.sort((a, b) => harm[b]! - harm[a]!);
}

/** The split where a unit lessens the deviation most. */
function bestSplit(balance: Balance, kind: number, random: Random): number {
  let best = 0;
  let most = balance.gain(kind, 0);
  let equals = 1;
  for (let split = 1; split < balance.splits; split++) {
    const gain = balance.gain(kind, split);
    if (gain > most + tolerance) {
      best = split;
      most = gain;
      equals = 1;
    } else if (gain >= most - tolerance) {
      // Each of so many equal ones is the one with the same chance.
      equals++;
      if (random() % equals === 0) best = split;
    }
  }
  return best;
}
