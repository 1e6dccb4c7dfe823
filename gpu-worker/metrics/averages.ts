import type { AveragedScores } from '../../src/protocol/evaluation-scores.js';

/** The counts that precision, recall and F1 are ratios of. */
export interface Counts {
  readonly truePositives: number;
  /** True positives and false ones. */
  readonly predicted: number;
  /** True positives and false negatives. */
  readonly support: number;
}

/** Precision, recall and F1 from counts; a ratio of nothing to nothing is 0 (scikit-learn's `zero_division=0`). */
export function scoresOf({ truePositives, predicted, support }: Counts): AveragedScores {
  return {
    precision: ratio(truePositives, predicted),
    recall: ratio(truePositives, support),
    f1: ratio(2 * truePositives, predicted + support),
  };
}

/** Scores of all counts taken together. */
export function microAverage(all: readonly Counts[]): AveragedScores {
  return scoresOf({
    truePositives: sumOf(all, ({ truePositives }) => truePositives),
    predicted: sumOf(all, ({ predicted }) => predicted),
    support: sumOf(all, ({ support }) => support),
  });
}

/** The mean of scores weighted by `weightOf`; 0 where all weights are 0. */
export function averageScores<Scores extends AveragedScores>(
  all: readonly Scores[],
  weightOf: (scores: Scores) => number,
): AveragedScores {
  const total = sumOf(all, weightOf);
  const mean = (measure: keyof AveragedScores) =>
    ratio(
      sumOf(all, (scores) => weightOf(scores) * scores[measure]),
      total,
    );
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

export function sumOf<Item>(items: readonly Item[], numberOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + numberOf(item), 0);
}

export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
