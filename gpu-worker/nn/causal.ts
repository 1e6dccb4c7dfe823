import {
  cast,
  greater,
  lessEqual,
  logicalOr,
  mul,
  range,
  reshape,
  slice,
  sub,
  type Tensor,
} from '@tensorflow/tfjs-core';

/**
 * The positions 0 … T − 1 as float32 [T]. They are a slice of a fixed range, not `range(0, T)`: a graph that is
 * recorded for any number of tokens cannot hold a constant that depends on that number.
 *
 * @param most tokens of the longest text
 */
export function positions(T: number, most: number): Tensor {
  return slice(range(0, most, 1, 'float32'), [0], [T]);
}

/**
 * The bias on attention scores with which a token reads itself and those before it: [T] → [T,T] of 0 and −10⁹, rows are
 * queries. Padding is on the right, so that no token reads it and it needs no bias of its own.
 *
 * @param window how many tokens a token reads, itself included; null: all before it
 */
export function causalBias(places: Tensor, window: number | null): Tensor {
  const [T = 0] = places.shape;
  const ahead = sub(reshape(places, [1, T]), reshape(places, [T, 1])); //        [T,T]: place of key − place of query
  const isLater = greater(ahead, 0);
  const isHidden = window === null ? isLater : logicalOr(isLater, lessEqual(ahead, -window));
  return mul(cast(isHidden, 'float32'), -1e9);
}
