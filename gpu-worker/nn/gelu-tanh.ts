import { add, mul, sub, type Tensor, tanh } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

const slope = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;

/**
 * GELU by tanh (Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2), transformers' `gelu_new`:
 * x · (1 + tanh u) / 2 with u = √(2/π) · (x + 0.044715 · x³), any shape.
 *
 * Backward: (1 + tanh u) / 2 + x · (1 − tanh² u) · u′ / 2 with u′ = √(2/π) · (1 + 3 · 0.044715 · x²).
 */
export function geluTanh(x: Tensor): Tensor {
  return withGradient([x], () => {
    const squared = mul(x, x);
    const t = tanh(mul(x, add(mul(squared, slope * cubic), slope)));
    return {
      value: mul(mul(x, add(t, 1)), 0.5),
      saved: [x, t],
      gradients: (dy, saved) => {
        const [x, t] = saved as [Tensor, Tensor];
        const inner = add(mul(mul(x, x), 3 * slope * cubic), slope);
        const steepness = mul(mul(x, sub(1, mul(t, t))), inner);
        return [mul(mul(dy, add(add(t, 1), steepness)), 0.5)];
      },
    };
  });
}
