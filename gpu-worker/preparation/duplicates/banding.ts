/** How a signature is cut: `bands` pieces of `rows` values. Two texts are candidates if one band is equal in both. */
export interface Banding {
  readonly bands: number;
  readonly rows: number;
}

const steps = 1000;

/**
 * The banding for a threshold, as datasketch chooses it (Eric Zhu, `MinHashLSH`): of all that fit in `permutations`,
 * the one with the least sum of the chance that a pair below the threshold becomes a candidate and the chance that a
 * pair above it does not, both integrated over the similarity s. The chance of a candidate is 1 − (1 − s^rows)^bands.
 */
export function chooseBanding(threshold: number, permutations: number): Banding {
  const below = middles(0, threshold);
  const above = middles(threshold, 1);
  let best: Banding = { bands: 1, rows: 1 };
  let least = Number.POSITIVE_INFINITY;
  for (let rows = 1; rows <= permutations; rows++) {
    const differBelow = below.map((s) => 1 - power(s, rows));
    const differAbove = above.map((s) => 1 - power(s, rows));
    const missBelow = below.map(() => 1);
    const missAbove = above.map(() => 1);
    for (let bands = 1; bands * rows <= permutations; bands++) {
      let error = 0;
      for (let i = 0; i < below.length; i++) {
        missBelow[i] = missBelow[i]! * differBelow[i]!;
        error += 1 - missBelow[i]!;
      }
      for (let i = 0; i < above.length; i++) {
        missAbove[i] = missAbove[i]! * differAbove[i]!;
        error += missAbove[i]!;
      }
      // Of equal ones datasketch keeps that with fewer bands.
      if (error < least || (error === least && bands < best.bands)) {
        least = error;
        best = { bands, rows };
      }
    }
  }
  return best;
}

/** The middles of the steps of a thousandth between two similarities, at which datasketch integrates. */
function middles(from: number, to: number): readonly number[] {
  const found: number[] = [];
  for (let x = from; x < to; x += 1 / steps) found.push(x + 0.5 / steps);
  return found;
}

/** A power by squaring: V8's own differs between versions of Node. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
