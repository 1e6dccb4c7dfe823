import { add, mean, mul, rsqrt, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

/**
 * Layer normalization over the last axis (Ba, Kiros & Hinton 2016, arXiv:1607.06450), variance over N, not N − 1:
 * x [N,H], gain [H], bias [H] → (x − mean) / √(variance + ε) · gain + bias; without a bias there is none to add.
 */
export function layerNorm(x: Tensor, gain: Tensor, bias: Tensor | undefined, epsilon: number): Tensor {
  return withGradient(bias === undefined ? [x, gain] : [x, gain, bias], () => {
    const centred = sub(x, mean(x, -1, true)); //                             [N,H]
    const variance = mean(mul(centred, centred), -1, true); //                [N,1]
    const inverseDeviation = rsqrt(add(variance, epsilon)); //                [N,1]
    const normalized = mul(centred, inverseDeviation); //                     [N,H]
    const scaled = mul(normalized, gain);
    return {
      value: bias === undefined ? scaled : add(scaled, bias),
      saved: [normalized, inverseDeviation, gain],
      gradients: (dy, saved) => layerNormGradients(dy, saved, bias !== undefined),
    };
  });
}

/** dx = r · (g − mean(g) − x̂ · mean(g · x̂)) with g = dy · gain; d gain = Σ dy · x̂; d bias = Σ dy. */
function layerNormGradients(dy: Tensor, saved: readonly Tensor[], hasBias: boolean): Tensor[] {
  const [normalized, inverseDeviation, gain] = saved as [Tensor, Tensor, Tensor];
  const scaled = mul(dy, gain);
  const alongNormalized = mean(mul(scaled, normalized), -1, true);
  const dx = mul(inverseDeviation, sub(sub(scaled, mean(scaled, -1, true)), mul(normalized, alongNormalized)));
  const rows = leadingAxes(dy);
  return [dx, sum(mul(dy, normalized), rows), ...(hasBias ? [sum(dy, rows)] : [])];
}

function leadingAxes(x: Tensor): number[] {
  return x.shape.slice(0, -1).map((_, axis) => axis);
}
