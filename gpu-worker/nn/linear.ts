import { add, matMul, type Tensor } from '@tensorflow/tfjs-core';

/**
 * x [N,I] · weightᵀ + bias, weight [O,I] and bias [O] as `torch.nn.Linear` stores them → [N,O]; without a bias x ·
 * weightᵀ alone.
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | undefined): Tensor {
  const product = matMul(x, weight, false, true);
  return bias === undefined ? product : add(product, bias);
}
