import { add, erf, exp, mul, neg, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

/**
 * Gaussian error linear unit, exact (Hendrycks & Gimpel 2016, arXiv:1606.08415): x · Φ(x), any shape.
 * Its derivative is Φ(x) + x · φ(x) = Φ(x) + t · e^(−t²) / √π with t = x / √2, which Φ needs anyway.
 */
export function gelu(x: Tensor): Tensor {
  return withGradient([x], () => {
    const t = mul(x, Math.SQRT1_2);
    const cdf = add(mul(erf(t), 0.5), 0.5);
    return {
      value: mul(x, cdf),
      saved: [t, cdf],
      gradients: (dy, saved) => {
        const [t, cdf] = saved as [Tensor, Tensor];
        const density = mul(mul(t, 1 / Math.sqrt(Math.PI)), exp(neg(mul(t, t))));
        return [mul(dy, add(cdf, density))];
      },
    };
  });
}
