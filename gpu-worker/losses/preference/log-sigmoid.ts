import { neg, softplus, type Tensor } from '@tensorflow/tfjs-core';

/** ln σ(x) = −softplus(−x), which stays finite where σ(x) is 0 in float32. */
export function logSigmoid(x: Tensor): Tensor {
  return neg(softplus(neg(x)));
}
