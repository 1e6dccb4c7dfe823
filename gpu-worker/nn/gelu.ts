import { add, erf, exp, mul, sub, type Tensor } from '@tensorflow/tfjs-core';
import { ln } from '../portable-math.js';
import { withGradient } from './with-gradient.js';

/**
 * Gaussian error linear unit, exact (Hendrycks & Gimpel 2016, arXiv:1606.08415): x · Φ(x) = x · (1 + erf(x/√2)) / 2,
 * any shape.
 *
 * Written in t = x/√2, with t · (1 + erf t) as its own op and the two factors √½ outside. A GELU stands between two
 * matrix products, and there the engine works these factors into the products: three forward and six backward passes
 * over memory remain.
 */
export function gelu(x: Tensor): Tensor {
  return mul(erfGate(mul(x, Math.SQRT1_2)), Math.SQRT1_2);
}

/**
 * t · (1 + erf t), with the derivative (1 + erf t) + t · 2/√π · e^(−t²), where the factor 2/√π is part of the exponent.
 */
function erfGate(t: Tensor): Tensor {
  return withGradient([t], () => {
    const gate = add(erf(t), 1);
    return {
      value: mul(t, gate),
      saved: [t, gate],
      gradients: (dy, saved) => {
        const [t, gate] = saved as [Tensor, Tensor];
        const density = exp(sub(ln(2 / Math.sqrt(Math.PI)), mul(t, t)));
        return [mul(dy, add(gate, mul(t, density)))];
      },
    };
  });
}
