import type { Balance } from './balance.js';

/** Moves that gain less than this are rounding. */
const leastGain = 1e-9;

/** Moves run out after a few passes; the limit is for inputs that nobody thought of. */
const mostPasses = 10;

/**
 * Moves units, in place, as long as a move lessens the deviation of the splits: what went early was placed without
 * knowledge of what came later. Each move lessens the deviation, so that this ends; it need not find the least.
 * O(passes · kinds · splits² · labels of a unit).
 *
 * @param shares how many units of each kind each split has `[K, splits]`
 * @param order the kinds, each once
 */
export function levelSplits(balance: Balance, shares: Int32Array, order: Int32Array): void {
  const { splits } = balance;

  /** Moves a unit to where it gains most; returns whether one was moved. */
  function moveOne(kind: number, from: number): boolean {
    const leaving = balance.gainOfLeaving(kind, from);
    let best = -1;
    let most = leastGain;
    for (let to = 0; to < splits; to++) {
      if (to === from) continue;
      const gain = leaving + balance.gain(kind, to);
      if (gain > most) {
        best = to;
        most = gain;
      }
    }
    if (best < 0) return false;
    shares[kind * splits + from]!--;
    shares[kind * splits + best]!++;
    balance.put(kind, from, -1);
    balance.put(kind, best, 1);
    return true;
  }

  for (let pass = 0; pass < mostPasses; pass++) {
    let moved = false;
    for (const kind of order) {
      for (let from = 0; from < splits; from++) {
        while (shares[kind * splits + from]! > 0 && moveOne(kind, from)) moved = true;
      }
    }
    if (!moved) return;
  }
}
