import { reshape, slice, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Brings scores by distance under the keys that they are of: x [N,A,T,2T], where column c of row i is of the key c − T
 * ahead of it → [N,A,T,T], y[i,j] = x[i, T + j − i].
 *
 * Read row by row with 2T − 1 columns, the elements from the T-th on have key j of every row in column j (the shift of
 * Transformer-XL: Dai et al. 2019, arXiv:1901.02860, appendix B). So it takes two slices and, backward, two paddings,
 * but no gather, whose way back would be a scatter; and no size here is the square of T.
 */
export function relativeShift(x: Tensor): Tensor {
  const [N = 0, A = 0, T = 0] = x.shape;
  const rest = slice(reshape(x, [N, A, 2 * T, T]), [0, 0, 1, 0], [N, A, 2 * T - 1, T]);
  return slice(reshape(rest, [N, A, T, 2 * T - 1]), [0, 0, 0, 0], [N, A, T, T]);
}
