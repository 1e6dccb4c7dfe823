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
    const t = tanhOf(x);
    return {
      value: geluOf(x, t),
      saved: [x, t],
      gradients: (dy, saved) => {
        const [x, t] = saved as [Tensor, Tensor];
        return [mul(dy, slopeOf(x, t))];
      },
    };
  });
}

/**
 * The same as the gate of a feed-forward network (Shazeer 2020, arXiv:2002.05202): GELU(gate) · up, both of any one
 * shape. It keeps one array less than the product of the two functions.
 *
 * Backward: d gate = dy · up · GELU′(gate), d up = dy · GELU(gate).
 */
export function gegluTanh(gate: Tensor, up: Tensor): Tensor {
  return withGradient([gate, up], () => {
    const t = tanhOf(gate);
    return {
      value: mul(geluOf(gate, t), up),
      saved: [gate, up, t],
      gradients: (dy, saved) => {
        const [gate, up, t] = saved as [Tensor, Tensor, Tensor];
        return [mul(mul(dy, up), slopeOf(gate, t)), mul(dy, geluOf(gate, t))];
      },
    };
  });
}

function tanhOf(x: Tensor): Tensor {
  return tanh(mul(x, add(mul(mul(x, x), slope * cubic), slope)));
}

function geluOf(x: Tensor, t: Tensor): Tensor {
  return mul(mul(x, add(t, 1)), 0.5);
}

function slopeOf(x: Tensor, t: Tensor): Tensor {
  const inner = add(mul(mul(x, x), 3 * slope * cubic), slope);
  const steepness = mul(mul(x, sub(1, mul(t, t))), inner);
  return mul(add(add(t, 1), steepness), 0.5);
}
