import { concat, fill, matMul, reshape, slice, sub, type Tensor } from '@tensorflow/tfjs-core';

/**
 * The state of each text's last token: states [B,T,H], mask [B,T] of 1 (token) and 0 (padding, which is on the right) →
 * [B,H]. A row without any token gives zeros.
 */
export function lastTokens(states: Tensor, mask: Tensor): Tensor {
  const [B = 0, T = 0, H = 0] = states.shape;
  const following = concat([slice(mask, [0, 1], [B, T - 1]), fill([B, 1], 0)], 1); // [B,T]: whether a token follows
  const isLast = sub(mask, following); //                                          [B,T]: 1 at the last token alone
  return reshape(matMul(reshape(isLast, [B, 1, T]), states), [B, H]);
}
