import type { GenerationSettings } from '../../../src/protocol/generation.js';
import type { Distribution } from './draw.js';
import { expBelowOne, leastExponent } from './exp-below-one.js';
import { nthGreatest } from './nth-greatest.js';

/**
 * The distribution that a token is drawn from: softmax(logits / temperature) of the tokens that top-k, top-p and min-p
 * keep, each of what the one before kept. logits [V], of which −∞ is no token → ids in ascending order, with weights
 * that are proportional to probabilities, 1 for the likeliest. No token below e^−50 of it is kept: the uniform number
 * of 53 bits does not reach it.
 *
 * Of equal logits at the border of top-k all are kept, as in transformers; at that of top-p those with the lower ids.
 */
export function keepLikely(
  logits: Float32Array,
  { temperature, topK, topP, minP }: GenerationSettings['sampling'],
): Distribution {
  const V = logits.length;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < V; id++) if (logits[id]! > greatest) greatest = logits[id]!;
  if (greatest === Number.NEGATIVE_INFINITY) throw new RangeError('no token may come next');
  const border = topK === null || topK >= V ? Number.NEGATIVE_INFINITY : nthGreatest(logits, topK);
  const ids = new Int32Array(V);
  const weights = new Float64Array(V);
  let count = 0;
  for (let id = 0; id < V; id++) {
    const logit = logits[id]!;
    if (logit < border) continue;
    // Apart from the greatest, so that a temperature near 0 does not make 0/0 of it.
    const exponent = logit === greatest ? 0 : (logit - greatest) / temperature;
    if (exponent < leastExponent) continue;
    ids[count] = id;
    weights[count++] = expBelowOne(exponent);
  }
  const kept = { ids: ids.subarray(0, count), weights: weights.subarray(0, count) };
  const nucleus = topP === 1 ? kept : keepNucleus(kept, topP);
  return minP === 0 ? nucleus : atLeast(nucleus, minP, Number.POSITIVE_INFINITY);
}

/** Weights are sorted into so many drawers by their logarithms' size, as far as √ tells it. */
const drawers = 4096;

/**
 * The likeliest tokens whose probabilities just reach `topP` together. Only those whose weights lie near the border are
 * sorted: weights are counted by drawers first, of which all above the one with the border are kept.
 */
function keepNucleus(given: Distribution, topP: number): Distribution {
  const { ids, weights } = given;
  const sums = new Float64Array(drawers + 1);
  let sum = 0;
  for (let i = 0; i < ids.length; i++) {
    sums[drawerOf(weights[i]!)]! += weights[i]!;
    sum += weights[i]!;
  }
  let drawer = drawers;
  let reached = 0;
  while (drawer > 0 && reached + sums[drawer]! < topP * sum) reached += sums[drawer--]!;
  const border: number[] = [];
  for (let i = 0; i < ids.length; i++) if (drawerOf(weights[i]!) === drawer) border.push(i);
  border.sort((a, b) => weights[b]! - weights[a]! || a - b);
  let count = 0;
  while (count < border.length && (reached === 0 || reached < topP * sum)) reached += weights[border[count++]!]!;
  const last = border[count - 1];
  return last === undefined ? given : atLeast(given, weights[last]!, last);
}

/** From 0 to `drawers`, and greater for greater weights: its steps are finer for the small ones, which are many. */
function drawerOf(weight: number): number {
  return Math.floor(Math.sqrt(Math.sqrt(weight)) * drawers);
}

/** The tokens of weight `least` and more; of those with just this weight, those up to the place `last`. */
function atLeast({ ids, weights }: Distribution, least: number, last: number): Distribution {
  const kept = { ids: new Int32Array(ids.length), weights: new Float64Array(ids.length) };
  let count = 0;
  for (let i = 0; i < ids.length; i++) {
    const weight = weights[i]!;
    if (weight < least || (weight === least && i > last)) continue;
    kept.ids[count] = ids[i]!;
    kept.weights[count++] = weight;
  }
  return { ids: kept.ids.subarray(0, count), weights: kept.weights.subarray(0, count) };
}
