/**
 * Rows that have to stay together, in sets: two rows are in one set if a chain of joins leads from one to the other
 * (union-find, Tarjan 1975). The first row of a set stands for it, whatever order the joins come in. 4 bytes a row.
 */
export interface JoinedRows {
  /** Puts two rows, and all that are joined with them, into one set. O(log rows), amortized. */
  join(a: number, b: number): void;
  /** The first row of the row's set. */
  firstOf(row: number): number;
}

/** @param count the rows are 0 up to it; each is a set of its own at first */
export function createJoinedRows(count: number): JoinedRows {
  const parents = Int32Array.from({ length: count }, (_, row) => row);

  function firstOf(row: number): number {
    let at = row;
    while (parents[at] !== at) {
      // Halves the path: each row that is passed points to its parent's parent from now on.
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  }

  return {
    firstOf,
    join(a, b) {
      const first = firstOf(a);
      const second = firstOf(b);
      parents[Math.max(first, second)] = Math.min(first, second);
    },
  };
}
