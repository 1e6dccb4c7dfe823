import { ln } from '../../portable-math.js';
import { expBelowOne, leastExponent } from './exp-below-one.js';

/**
 * ln Σ exp(logits), in float64: [V] → scalar. Terms below e^−50 of the greatest change no digit of it.
 *
 * @param greatest the greatest of them
 */
export function logSumExp(logits: Float32Array, greatest: number): number {
  let sum = 0;
  for (let id = 0; id < logits.length; id++) {
    const exponent = logits[id]! - greatest;
    if (exponent >= leastExponent) sum += expBelowOne(exponent);
  }
  return greatest + ln(sum);
}

/** Ids of the `count` greatest values, greatest first, of equal ones the lowest id first; −∞ is never among them. */
export function likeliest(logits: Float32Array, count: number): number[] {
  /** Sorted, greatest first: few are asked for. */
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  if (count === 0) return best;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    // Of equal values the one that came first stays.
    if (logit <= least) continue;
    let place = best.length;
    while (place > 0 && logits[best[place - 1]!]! < logit) place--;
    best.splice(place, 0, id);
    if (best.length > count) best.pop();
    if (best.length === count) least = logits[best[count - 1]!]!;
  }
  return best;
}
