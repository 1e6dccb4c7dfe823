import { concat, fill, gather, reshape, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

/**
 * Rows of x [N,H] at int32 `rows` [R] → [R,H], where every row that counts is taken once.
 *
 * A gather's gradient adds up rows that are taken repeatedly, which is a scatter. Here the way back is a gather too:
 * `slots` int32 [N] says where each row of x went, R for a row that was not taken, whose gradient is zero. Rows that
 * only fill up `rows` need no slot.
 */
export function takeRows(x: Tensor, rows: Tensor, slots: Tensor): Tensor {
  const H = x.shape[1]!;
  return withGradient([x], () => ({
    value: gather(x, rows),
    saved: [slots],
    gradients: (dy, [slots]) => [gather(concat([dy, fill([1, H], 0)], 0), reshape(slots!, [slots!.size]))],
  }));
}
