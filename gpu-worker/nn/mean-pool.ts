import { div, matMul, maximum, reshape, sum, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Mean over the tokens, without the padding: states [B,T,H], mask [B,T] of 1 (token) and 0 (padding) → [B,H]. A row
 * without any token gives zeros.
 */
export function meanPool(states: Tensor, mask: Tensor): Tensor {
  const [B = 0, T = 0, H = 0] = states.shape;
  const total = matMul(reshape(mask, [B, 1, T]), states); //                  [B,1,H]
  return div(reshape(total, [B, H]), maximum(sum(mask, 1, true), 1));
}
