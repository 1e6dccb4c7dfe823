import type { Random } from '../data/random.js';
import { expBelowOne, leastExponent } from '../generation/sampling/exp-below-one.js';
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
 * Draws a token from softmax(logits / temperature): no top-k, top-p or penalty, whose renormalized probabilities would
 * differ from those that the trainer computes (docs/methods/grpo.md). One pass over [V] makes draw, log-probability and
 * entropy. A token below e^−50 of the likeliest is never drawn, since a uniform number of 53 bits does not reach it.
 *
 * @param weights [V], a working array
 * @throws ProblemError NON_FINITE_LOGITS
 */
export function sampleToken(
  logits: Float32Array,
  temperature: number,
  random: Random,
  weights: Float64Array,
): SampledToken {
  const V = logits.length;
  let greatest = logits[0]!;
  // The sum of finite float32 numbers is finite in float64; any other number stays in it.
  let all = 0;
  for (let id = 0; id < V; id++) {
    const logit = logits[id]!;
    all += logit;
    if (logit > greatest) greatest = logit;
  }
  if (!Number.isFinite(all)) throw nonFinite();
  const inverse = 1 / temperature;
  let [sum, weighted] = [0, 0];
  for (let id = 0; id < V; id++) {
    const exponent = (logits[id]! - greatest) * inverse;
    if (exponent < leastExponent) {
      weights[id] = 0;
      continue;
    }
    const weight = expBelowOne(exponent);
    weights[id] = weight;
    sum += weight;
    weighted += weight * exponent;
  }
  const id = draw(weights, sum, V, random);
  const normalizer = ln(sum);
  return {
    id,
    logProbability: (logits[id]! - greatest) * inverse - normalizer,
    entropy: normalizer - weighted / sum,
  };
}

/** Reads an id off the cumulative weights, by a uniform number of 53 bits. */
function draw(weights: Float64Array, sum: number, V: number, random: Random): number {
  const wanted = (((random() >>> 5) * 2 ** 26 + (random() >>> 6)) / 2 ** 53) * sum;
  let reached = 0;
  let last = 0;
  for (let id = 0; id < V; id++) {
    const weight = weights[id]!;
    if (weight === 0) continue;
    reached += weight;
    if (wanted < reached) return id;
    last = id;
  }
  return last;
}

function nonFinite(): ProblemError {
  return new ProblemError({
    path: ['hyperparameters', 'learningRate'],
    code: 'NON_FINITE_LOGITS',
    message: 'the model in training gives numbers that are not finite, so that it can not write: training diverged',
    hint: 'Lower learningRate to a third or a tenth, or clip gradients with maxGradientNorm 1.',
  });
}
