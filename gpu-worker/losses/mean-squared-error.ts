import { div, maximum, mul, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../nn/with-gradient.js';

/**
 * Mean of (output − target)² over the cells that are present: outputs [N,K], targets [N,K], present [N,K] of 1 or 0 →
 * scalar. With all cells present it is PyTorch's MSELoss, which transformers takes for `problem_type: regression`. With
 * none it is 0 with zero gradient. The target of a missing cell may be any finite number: 0 times NaN would be NaN.
 */
export function meanSquaredError(outputs: Tensor, targets: Tensor, present: Tensor): Tensor {
  return withGradient([outputs], () => {
    const error = mul(sub(outputs, targets), present); //         [N,K]
    const count = maximum(sum(present), 1);
    return {
      value: div(sum(mul(error, error)), count),
      saved: [error, count],
      gradients: (dy, saved) => {
        const [error, count] = saved as [Tensor, Tensor];
        return [mul(error, div(mul(dy, 2), count))];
      },
    };
  });
}
