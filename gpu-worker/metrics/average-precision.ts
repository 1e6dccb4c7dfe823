/** Examples to rank: the score of each, and whether it is positive. */
export interface RankedExamples {
  readonly scores: ArrayLike<number>;
  /** As long as `scores`: 1 for a positive example, else 0. */
  readonly targets: ArrayLike<number>;
}

/**
 * Area under precision over recall as a sum of steps, Σ (Rₙ − Rₙ₋₁) · Pₙ over the distinct scores from the highest
 * down: scikit-learn's `average_precision_score`. Examples with equal scores count together, so that their order does
 * not matter. The area is 0 if no example is positive. A NaN among the scores ranks below everything.
 */
export function averagePrecision({ scores, targets }: RankedExamples): number {
  const all = cuts({ scores, targets });
  const positives = all.at(-1)?.truePositives ?? 0;
  if (positives === 0) return 0;
  let area = 0;
  let before = 0;
  for (const { predicted, truePositives } of all) {
    area += ((truePositives - before) / positives) * (truePositives / predicted);
    before = truePositives;
  }
  return area;
}

/** Where a ranking can be cut: after all examples of one score. */
export interface Cut {
  /** The lowest score above the cut. */
  readonly score: number;
  /** The highest score below it; null after the last. */
  readonly next: number | null;
  /** Examples above the cut, and the positives among them. */
  readonly predicted: number;
  readonly truePositives: number;
}

/** All cuts from the highest score down, in O(N log N). */
export function cuts({ scores, targets }: RankedExamples): Cut[] {
  const rankOf = (index: number) => scores[index] ?? Number.NaN;
  const order = Uint32Array.from({ length: scores.length }, (_, index) => index).sort((left, right) =>
    descending(rankOf(left), rankOf(right)),
  );
  const all: Cut[] = [];
  let truePositives = 0;
  for (const [position, index] of order.entries()) {
    truePositives += targets[index] ?? 0;
    const score = rankOf(index);
    const following = order[position + 1];
    const next = following === undefined ? null : rankOf(following);
    if (next === null || descending(score, next) !== 0) {
      all.push({ score, next, predicted: position + 1, truePositives });
    }
  }
  return all;
}

/** Orders numbers from the highest down, NaN last. It does not subtract them, because ∞ − ∞ would be NaN. */
function descending(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left === right ? 0 : right > left ? 1 : -1;
}
