import type { GenerationSettings } from '../../../src/protocol/generation.js';
import type { Distribution } from './draw.js';
import { expBelowOne, leastExponent } from './exp-below-one.js';
import { nthGreatest } from './nth-greatest.js';

/** Arrays of V numbers, which a distribution is made in. */
export function createWorkspace(V: number): Distribution {
  return { ids: new Int32Array(V), weights: new Float64Array(V) };
}

/**
 * The distribution that a token is drawn from: softmax(logits / temperature) of the tokens that top-k, top-p and min-p
 * keep, each of what the one before kept. logits [V], of which −∞ is no token → ids in ascending order, with weights
 * that are proportional to probabilities, 1 for the likeliest. No token below e^−50 of it is kept: the uniform number
 * of 53 bits does not reach it.
 *
 * Of equal logits at the border of top-k all are kept, as in transformers; at that of top-p those with the lower ids.
 *
 * @param workspace what the result is a part of
 * @throws RangeError where no token may come next
 */
export function keepLikely(
  logits: Float32Array,
  { temperature, topK, topP, minP }: GenerationSettings['sampling'],
  workspace = createWorkspace(logits.length),
): Distribution {
  const V = logits.length;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < V; id++) if (logits[id]! > greatest) greatest = logits[id]!;
  if (greatest === Number.NEGATIVE_INFINITY) throw new RangeError('no token may come next');
  const border = topK === null || topK >= V ? Number.NEGATIVE_INFINITY : nthGreatest(logits, topK);
  const { ids, weights } = workspace;
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
  if (topP < 1) count = keepNucleus(workspace, count, topP);
  if (minP > 0) count = keepAtLeast(workspace, count, minP, Number.POSITIVE_INFINITY);
  return { ids: ids.subarray(0, count), weights: weights.subarray(0, count) };
}

/** Weights are sorted into drawers by the bits that float32 has of their logarithm: 64 for each power of 2. */
const drawersPerPower = 64;
const drawers = 75 * drawersPerPower;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/**
 * Keeps the likeliest tokens whose probabilities just reach `topP` together. Only those whose weights lie near the
 * border are sorted: weights are counted by drawers first, of which all before the one with the border are kept.
 *
 * @returns how many of the first `count` tokens stay
 */
function keepNucleus(given: Distribution, count: number, topP: number): number {
  const { weights } = given;
  const sums = new Float64Array(drawers);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sums[drawerOf(weights[i]!)]! += weights[i]!;
    sum += weights[i]!;
  }
  let drawer = 0;
  let reached = 0;
  while (drawer < drawers - 1 && reached + sums[drawer]! < topP * sum) reached += sums[drawer++]!;
  const border: number[] = [];
  for (let i = 0; i < count; i++) if (drawerOf(weights[i]!) === drawer) border.push(i);
  border.sort((a, b) => weights[b]! - weights[a]! || a - b);
  let kept = 0;
  while (kept < border.length && (reached === 0 || reached < topP * sum)) reached += weights[border[kept++]!]!;
  const last = border[kept - 1];
  return last === undefined ? count : keepAtLeast(given, count, weights[last]!, last);
}

/** From 0 for a weight of 1, and greater for smaller weights: exponent and first bits of the fraction in float32. */
function drawerOf(weight: number): number {
  float[0] = weight;
  return (0x3f80_0000 - bits[0]!) >> 17;
}

/**
 * Keeps the tokens of weight `least` and more; of those with just this weight, those up to the place `last`.
 *
 * @returns how many of the first `count` tokens stay
 */
function keepAtLeast({ ids, weights }: Distribution, count: number, least: number, last: number): number {
  let stay = 0;
  for (let i = 0; i < count; i++) {
    const weight = weights[i]!;
    if (weight < least || (weight === least && i > last)) continue;
    ids[stay] = ids[i]!;
    weights[stay++] = weight;
  }
  return stay;
}
