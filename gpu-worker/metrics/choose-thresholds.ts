import { cuts } from './average-precision.js';
import { columnOf, type LabelTargets } from './label-targets.js';
import { sigmoid } from './sigmoid.js';

/** The threshold of a label without a positive example, for which the data give no reason to choose another. */
const neutral = 0.5;

/**
 * Chooses for each label the probability from which on it is predicted, so that its F1 over these examples is highest:
 * logits [N,C], targets [N,C] → [C]. Every way to cut the ranking is tried. A threshold lies halfway between the
 * probabilities on the two sides of its cut; below the last probability, halfway between that and 0. Of cuts with the
 * same F1 the one whose threshold is nearest to 0.5 wins, and of two thresholds as near the higher one. A label that no
 * example has gets 0.5.
 *
 * Examples whose labels are not known (`present` 0) are left out. Cost: O(N log N) for each label.
 */
export function chooseThresholds(logits: Float32Array, targets: LabelTargets, labelCount: number): number[] {
  return Array.from({ length: labelCount }, (_, c) => {
    const { scores, targets: column } = columnOf(logits, targets, labelCount, c);
    return chooseThreshold(Float64Array.from(scores, sigmoid), column);
  });
}

/** The threshold of one label: probabilities [N], targets [N] of 0 or 1. */
export function chooseThreshold(probabilities: Float64Array, targets: Uint8Array): number {
  const support = targets.reduce((total, target) => total + target, 0);
  if (support === 0) return neutral;
  let best = { threshold: neutral, truePositives: 0, size: 1 };
  for (const { score, next, predicted, truePositives } of cuts({ scores: probabilities, targets })) {
    if (Number.isNaN(score)) break;
    // F1 is 2 · truePositives / size: products of whole numbers compare without rounding.
    const size = predicted + support;
    const threshold = between(score, next ?? 0);
    const gain = truePositives * best.size - best.truePositives * size;
    const isNearer = Math.abs(threshold - neutral) < Math.abs(best.threshold - neutral);
    if (gain > 0 || (gain === 0 && truePositives > 0 && isNearer)) best = { threshold, truePositives, size };
  }
  return best.threshold;
}

/** The middle between two numbers, but always above `lower`, even where no floating-point number lies between them. */
function between(upper: number, lower: number): number {
  const middle = Number.isNaN(lower) ? upper / 2 : lower + (upper - lower) / 2;
  return middle > lower || upper === lower ? middle : upper;
}
