import { add, concat, mul, neg, slice, sub, type Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from './with-gradient.js';

/** Cosines and sines of each position's angles, [T,D/2] both, or [B,1,T,D/2] where rows differ. */
export interface Rotations {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/**
 * Rotary position embedding (Su et al. 2021, arXiv:2104.09864, equation 34), with the pairs that transformers turns:
 * component i with component i + D/2. x [B,A,T,D] → [B,A,T,D]. Its gradient is turned back by the same angles; the
 * rotations themselves get none.
 */
export function rotate(x: Tensor, { cos, sin }: Rotations): Tensor {
  return withGradient([x], () => ({
    value: turned(x, cos, sin),
    saved: [cos, sin],
    gradients: (dy, saved) => {
      const [cos, sin] = saved as [Tensor, Tensor];
      return [turned(dy, cos, neg(sin))];
    },
  }));
}

function turned(x: Tensor, cos: Tensor, sin: Tensor): Tensor {
  const [B = 0, A = 0, T = 0, D = 0] = x.shape;
  const left = slice(x, [0, 0, 0, 0], [B, A, T, D / 2]);
  const right = slice(x, [0, 0, 0, D / 2], [B, A, T, D / 2]);
  return concat([sub(mul(left, cos), mul(right, sin)), add(mul(right, cos), mul(left, sin))], 3);
}
