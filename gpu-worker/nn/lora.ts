import { matMul, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { TrainingRandomness } from '../engine/types.js';

/**
 * The term that low-rank adaptation (Hu et al. 2021, arXiv:2106.09685, equation 3) adds to a projection of x: x [N,I],
 * a [R,I], b [O,R] → scale · dropout(x) aᵀ bᵀ [N,O]. Cost 2·N·R·(I + O), and twice that backward.
 *
 * R is small, so the cost lies in the passes over x and the result, not in the arithmetic. Therefore the product is
 * never computed as x (b a)ᵀ, and both factors, `scale` and dropout's 1/(1 − rate), are absorbed by products
 * (engine/passes/absorb-scalars.ts), forward and backward. Beside the products, only one mask and one multiplication by
 * it remain, and one more backward where x itself needs a gradient.
 */
export function lora(
  x: Tensor,
  a: Tensor,
  b: Tensor,
  scale: number,
  random: TrainingRandomness,
  dropout: number,
): Tensor {
  const low = matMul(random.dropout(x, dropout), a, false, true); //   [N,R]
  return mul(matMul(low, b, false, true), scale); //                   [N,O]
}
