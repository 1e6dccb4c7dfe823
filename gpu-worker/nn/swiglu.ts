import { add, mul, sigmoid, sub, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

/**
 * The gate of a feed-forward network (Shazeer 2020, arXiv:2002.05202): SiLU(gate) · up with SiLU(x) = x · σ(x), both
 * of any one shape.
 *
 * Backward: d gate = dy · up · σ · (1 + gate · (1 − σ)), d up = dy · gate · σ.
 */
export function swiglu(gate: Tensor, up: Tensor): Tensor {
  return withGradient([gate, up], () => {
    const open = sigmoid(gate);
    const silu = mul(gate, open);
    return {
      value: mul(silu, up),
      saved: [up, open, silu],
      gradients: (dy, saved) => {
        const [up, open, silu] = saved as [Tensor, Tensor, Tensor];
        // σ + x · σ · (1 − σ), in which x · σ is at hand.
        const slope = add(open, mul(silu, sub(1, open)));
        return [mul(mul(dy, up), slope), mul(dy, silu)];
      },
    };
  });
}
