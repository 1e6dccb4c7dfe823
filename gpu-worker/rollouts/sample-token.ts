import { concat, div, exp, max, mul, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { Random } from '../data/random.js';
import { ln } from '../portable-math.js';
import { ProblemError } from '../problem-error.js';

/** A token that was drawn from softmax(logits / temperature), with what is known of the draw, in nats. */
export interface SampledToken {
  readonly id: number;
  /** Of the distribution that it was drawn from: the temperature is applied. */
  readonly logProbability: number;
  /** Entropy of that distribution. */
  readonly entropy: number;
}

/**
 * What tokens are drawn by, as a part of the generator's graph: logits [B,V] → weights e^z in the first V columns, with
 * z = (logits − the greatest) / temperature, and Σ z e^z in the last, [B,V+1]. A script is left with one sum of V.
 */
export function drawingWeights(logits: Tensor, temperature: number): Tensor {
  const z = div(sub(logits, max(logits, -1, true)), temperature); // [B,V]
  const weights = exp(z);
  return concat([weights, sum(mul(z, weights), -1, true)], 1); //    [B,V+1]
}

/**
 * Draws a token by its weight: no top-k, top-p or penalty, whose renormalized probabilities would differ from those
 * that the trainer computes (docs/methods/grpo.md).
 *
 * @param weights a row of `drawingWeights`, [V+1]
 * @throws ProblemError NON_FINITE_LOGITS
 */
export function sampleToken(weights: Float32Array, random: Random): SampledToken {
  const V = weights.length - 1;
  let all = 0;
  for (let id = 0; id < V; id++) all += weights[id]!;
  // The likeliest token has the weight 1; a logit that is not finite makes all of them NaN.
  if (!(all >= 1 && Number.isFinite(all))) throw nonFinite();
  const id = draw(weights, all, V, random);
  const normalizer = ln(all);
  return { id, logProbability: ln(weights[id]!) - normalizer, entropy: normalizer - weights[V]! / all };
}

/** Reads an id off the cumulative weights, by a uniform number of 53 bits. */
function draw(weights: Float32Array, all: number, V: number, random: Random): number {
  const wanted = (((random() >>> 5) * 2 ** 26 + (random() >>> 6)) / 2 ** 53) * all;
  let reached = 0;
  for (let id = 0; id < V; id++) {
    reached += weights[id]!;
    if (wanted < reached) return id;
  }
  // The sum is made in the same order, so that it is reached.
  throw new RangeError('no weight is above 0');
}

function nonFinite(): ProblemError {
  return new ProblemError({
    path: ['hyperparameters', 'learningRate'],
    code: 'NON_FINITE_LOGITS',
    message: 'the model in training gives numbers that are not finite, so that it can not write: training diverged',
    hint: 'Lower learningRate to a third or a tenth, or clip gradients with maxGradientNorm 1.',
  });
}
