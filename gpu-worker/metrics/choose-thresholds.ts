import { cuts } from './average-precision.js';
import { columnOf, type LabelTargets } from './label-targets.js';
import { sigmoid } from './sigmoid.js';

/** What a label without a positive example gets: nothing says where its threshold should lie. */
const neutral = 0.5;

/**
 * For each label the probability from which on to predict it so that its F1 over these examples is highest: logits
 * [N,C], targets [N,C] → [C]. Every way to cut the ranking is tried. The threshold lies halfway between the
 * probabilities on its two sides, the last one halfway to 0. Of cuts with the same F1 the one whose threshold is
 * nearest to 0.5 wins, and of two as near the higher one. A label that no example has gets 0.5.
 *
 * Examples that the labels are not known of (`present` 0) are left out. Cost: O(N log N) a label.
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

/** Halfway, but above `lower` even where the two are neighbours among floating point numbers. */
function between(upper: number, lower: number): number {
  const middle = Number.isNaN(lower) ? upper / 2 : lower + (upper - lower) / 2;
  return middle > lower || upper === lower ? middle : upper;
}
