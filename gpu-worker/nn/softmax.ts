import { mul, sub, sum, type Tensor, softmax as tfSoftmax } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

/** Softmax over the last axis, any rank; backward y · (dy − Σ dy · y). */
export function softmax(x: Tensor): Tensor {
  return withGradient([x], () => {
    const value = tfSoftmax(x, -1);
    return {
      value,
      saved: [value],
      gradients: (dy, saved) => {
        const [y] = saved as [Tensor];
        return [mul(y, sub(dy, sum(mul(dy, y), -1, true)))];
      },
    };
  });
}
