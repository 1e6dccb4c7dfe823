import { betaQuantile } from './incomplete-beta.js';
import { type Interval, wilsonInterval } from './intervals.js';

/** The 97.5th percentile of the normal distribution. */
const z = 1.959963984540054;

/** Pairs of answers, and which of them came out right. */
export interface JudgedPairs {
  /** [P] */
  readonly isRight: readonly boolean[];
  /** [P] the units that both answers belong to, such as their prompts: mostly the same one. */
  readonly units: readonly (readonly [number, number])[];
}

/**
 * An interval of 95 % for the share of right pairs among those of other units. Pairs that share a unit are not
 * independent: k answers to a prompt make k(k − 1)/2 pairs, and what is hard about a prompt is hard in all of them. So
 * it is Wilson's interval of an effective number of pairs, P / deff · (z / t)²:
 *
 * - deff is the variance of the share with its covariances between pairs that share a unit (Aronow, Samii and
 *   Assenova 2015, for pairs of units; the usual one of clusters where both answers have the same), by that of
 *   independent pairs; at least 1. Dean and Pagano (2015) compare such intervals for samples in clusters.
 * - t is the 97.5th percentile of Student's distribution with as many degrees of freedom as units, less one (Korn and
 *   Graubard 1998): of few units, nobody knows how much they differ.
 *
 * Where no unit is in two pairs, it is Wilson's interval of the pairs; pairs of a single unit count as one. Null: there
 * are no pairs.
 */
export function shareOfPairs({ isRight, units }: JudgedPairs): Interval | null {
  const P = isRight.length;
  const right = isRight.filter(Boolean).length;
  const sums = new Map<number, number>();
  const sumsOfBoth = new Map<string, number>();
  const places = new Map<number, number>();
  const share = right / P;
  for (const [pair, [one, other]] of units.entries()) {
    const rest = Number(isRight[pair]) - share;
    for (const unit of new Set([one, other])) {
      sums.set(unit, (sums.get(unit) ?? 0) + rest);
      places.set(unit, (places.get(unit) ?? 0) + 1);
    }
    // Two pairs of the same two units were counted at each of these.
    if (one === other) continue;
    const key = one < other ? `${one} ${other}` : `${other} ${one}`;
    sumsOfBoth.set(key, (sumsOfBoth.get(key) ?? 0) + rest);
  }
  if ([...places.values()].every((count) => count === 1)) return wilsonInterval(right, P);
  const G = places.size;
  if (G === 1) return wilsonInterval(share, 1);
  const squares = sumOfSquares(sums) - sumOfSquares(sumsOfBoth);
  const independent = P * share * (1 - share);
  const effect = independent === 0 ? 1 : Math.max(1, ((G / (G - 1)) * squares) / independent);
  const t = studentQuantile(G - 1);
  const tries = Math.max(1, (P / effect) * (z / t) * (z / t));
  return wilsonInterval(share * tries, tries);
}

function sumOfSquares(sums: ReadonlyMap<unknown, number>): number {
  return [...sums.values()].reduce((sum, each) => sum + each * each, 0);
}

/** The 97.5th percentile of Student's distribution: ν / (ν + t²) is of Beta(ν/2, 1/2). */
function studentQuantile(freedom: number): number {
  const x = betaQuantile(0.05, freedom / 2, 0.5);
  return Math.sqrt((freedom * (1 - x)) / x);
}
