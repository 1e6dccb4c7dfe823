import { mul, sum, type Tensor } from '@tensorflow/tfjs-core';

/** Σᵢ wᵢ · Lᵢ for task losses [K] and weights [K] → scalar. */
export function fixedWeighting(losses: Tensor, weights: Tensor): Tensor {
  return sum(mul(losses, weights));
}
