import { add, mean, mul, rsqrt, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

/**
 * Root mean square normalization over the last axis (Zhang & Sennrich 2019, arXiv:1910.07467): x [N,H], gain [H] →
 * x / √(mean(x²) + ε) · gain.
 *
 * Backward: dx = r · (g − x̂ · mean(g · x̂)) with g = dy · gain and x̂ = r · x; d gain = Σ dy · x̂.
 */
export function rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor {
  return withGradient([x, gain], () => {
    const inverse = rsqrt(add(mean(mul(x, x), -1, true), epsilon)); //         [N,1]
    const normalized = mul(x, inverse); //                                     [N,H]
    return {
      value: mul(normalized, gain),
      saved: [normalized, inverse, gain],
      gradients: (dy, saved) => {
        const [normalized, inverse, gain] = saved as [Tensor, Tensor, Tensor];
        const scaled = mul(dy, gain);
        const along = mean(mul(scaled, normalized), -1, true); //              [N,1]
        return [mul(inverse, sub(scaled, mul(normalized, along))), sum(mul(dy, normalized), 0)];
      },
    };
  });
}
