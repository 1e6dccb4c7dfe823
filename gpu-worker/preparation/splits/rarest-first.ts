import { type Random, shuffle } from '../../data/random.js';

/**
 * Labels by how many of their rows are left, the rarest first. Labels with equally many stand in one list, so that
 * taking a row away costs O(1), and all calls of `rarest` together O(rows + labels).
 */
export interface RarestFirst {
  /** The label with the fewest rows left, of those that have any; -1 if none has. */
  rarest(): number;
  take(label: number, rows: number): void;
}

/** @param rows how many rows each label has `[labels]`; which of equally rare labels comes first is drawn */
export function rarestFirst(rows: Int32Array, random: Random): RarestFirst {
  const left = rows.slice();
  const most = left.reduce((all, count) => Math.max(all, count), 0);
  const heads = new Int32Array(most + 1).fill(-1);
  const next = new Int32Array(left.length).fill(-1);
  const previous = new Int32Array(left.length).fill(-1);
  let fewest = most;

  function insert(label: number): void {
    const count = left[label]!;
    if (count === 0) return;
    const head = heads[count]!;
    next[label] = head;
    previous[label] = -1;
    if (head >= 0) previous[head] = label;
    heads[count] = label;
    if (count < fewest) fewest = count;
  }

  for (const label of shuffle(Int32Array.from(left.keys()), random)) insert(label);
  return {
    rarest() {
      while (fewest <= most && (fewest === 0 || heads[fewest] === -1)) fewest++;
      return fewest <= most ? heads[fewest]! : -1;
    },
    take(label, count) {
      const before = previous[label]!;
      const after = next[label]!;
      if (before >= 0) next[before] = after;
      else heads[left[label]!] = after;
      if (after >= 0) previous[after] = before;
      left[label]! -= count;
      insert(label);
    },
  };
}
