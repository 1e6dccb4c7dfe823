import { add, div, mul, type Scalar, sqrt, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { AdamWCoefficients } from '../../../gpu-worker/optim/coefficients.js';

/** A parameter with AdamW's running means of its gradient and of the gradient's square, all of one shape. */
export interface AdamWState {
  readonly parameter: Tensor;
  readonly m: Tensor;
  readonly v: Tensor;
}

/**
 * One AdamW update in tfjs ops: the reference that the WebAssembly kernel (engine/kernels/optimizer.ts) is compared
 * with.
 *
 * @param gradient of the parameter's shape, not yet clipped
 */
export function adamw(
  { parameter, m, v }: AdamWState,
  gradient: Tensor,
  coefficients: { readonly [Name in keyof AdamWCoefficients]: number | Scalar },
): AdamWState {
  const { gradientScale, decayFactor, oneMinusBeta1, beta2, oneMinusBeta2 } = coefficients;
  const g = mul(gradient, gradientScale);
  const nextM = add(m, mul(oneMinusBeta1, sub(g, m)));
  const nextV = add(mul(v, beta2), mul(mul(oneMinusBeta2, g), g));
  const denominator = add(div(sqrt(nextV), coefficients.secondMomentCorrection), coefficients.epsilon);
  const decayed = mul(parameter, decayFactor);
  return {
    parameter: sub(decayed, div(mul(coefficients.stepSize, nextM), denominator)),
    m: nextM,
    v: nextV,
  };
}
