import { add, mul, neg, sub, type Tensor } from '@tensorflow/tfjs-core';
import { logSigmoid } from './log-sigmoid.js';

/**
 * How likely each pair is the right way round [B], where a share of all pairs is taken to be the wrong way round:
 * certainty (1 − ε) + (1 − certainty) ε.
 */
export function smoothed(certainty: Tensor, labelSmoothing: number): Tensor {
  return labelSmoothing === 0 ? certainty : add(mul(certainty, 1 - 2 * labelSmoothing), labelSmoothing);
}

/** −c log σ(z) − (1 − c) log σ(−z): the cross-entropy of pairs that are the right way round with probability c. */
export function smoothedLogistic(z: Tensor, certainty: Tensor): Tensor {
  return neg(add(mul(certainty, logSigmoid(z)), mul(sub(1, certainty), logSigmoid(neg(z)))));
}
