import { add, matMul, type Tensor } from '@tensorflow/tfjs-core';

/** x [N,I] · weight [I,O] + bias [O] → [N,O]. Cost 2·N·I·O, and twice that backward. */
export function dense(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return add(matMul(x, weight), bias);
}
