/** Sets of the numbers from 0 that only grow together (union-find). A set is named by its least number. */
export interface DisjointSets {
  readonly size: number;
  /** The least number of the set that `member` is in. */
  find(member: number): number;
  unite(one: number, other: number): void;
}

export function createDisjointSets(size: number): DisjointSets {
  const parents = Uint32Array.from({ length: size }, (_, i) => i);

  function find(member: number): number {
    let at = member;
    while (parents[at] !== at) {
      // Halving the path keeps later searches short.
      parents[at] = parents[parents[at]!]!;
      at = parents[at]!;
    }
    return at;
  }

  return {
    size,
    find,
    unite(one, other) {
      const a = find(one);
      const b = find(other);
      if (a < b) parents[b] = a;
      else parents[a] = b;
    },
  };
}
