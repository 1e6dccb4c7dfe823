import { add, matMul, type Tensor } from '@tensorflow/tfjs-core';

/** x [N,I] · weightᵀ + bias, weight [O,I] and bias [O] as `torch.nn.Linear` stores them → [N,O]. */
export function linear(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return add(matMul(x, weight, false, true), bias);
}
