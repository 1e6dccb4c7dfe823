import {
  add,
  cast,
  concat,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalOr,
  mul,
  notEqual,
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
  return mul(cast(isHiddenAt(ahead, window), 'float32'), hidden);
}

/**
 * The same for rows that hold several texts, of which a token reads its own alone: places [T] within the row, segments
 * int32 [B,T] → [B,1,T,T]. Texts follow one another, so that a window counts within each.
 */
export function packedCausalBias(places: Tensor, segments: Tensor, window: number | null): Tensor {
  const [B = 0, T = 0] = segments.shape;
  const ahead = sub(reshape(places, [1, T]), reshape(places, [T, 1])); //        [T,T]
  const isOther = notEqual(reshape(segments, [B, 1, 1, T]), reshape(segments, [B, 1, T, 1])); // [B,1,T,T]
  return mul(cast(logicalOr(isOther, isHiddenAt(ahead, window)), 'float32'), hidden);
}

/**
 * The same for new tokens of texts whose earlier ones lie in C slots, by their places: slots float32 [C], 0 … C − 1;
 * places int32 [B,T], one after another in each row → [B,1,T,C+T], slots first. Slots that hold no earlier token are
 * not read.
 */
export function continuedCausalBias(slots: Tensor, places: Tensor, window: number | null): Tensor {
  const [B = 0, T = 0] = places.shape;
  const [C = 0] = slots.shape;
  const floats = cast(places, 'float32');
  const first = reshape(slice(floats, [0, 0], [B, 1]), [B, 1, 1, 1]); //         place of a row's first new token
  const ofSlot = reshape(slots, [1, 1, 1, C]);
  const isEmpty = greaterEqual(ofSlot, first); //                                [B,1,1,C]
  const ahead = sub(ofSlot, reshape(floats, [B, 1, T, 1])); //                   [B,1,T,C]
  const isHidden =
    window === null ? logicalOr(isEmpty, greater(ahead, 0)) : logicalOr(isEmpty, lessEqual(ahead, -window));
  const earlier = mul(cast(isHidden, 'float32'), hidden);
  // Places of a row follow one another, so that one bias among new tokens serves all rows.
  const steps = reshape(sub(slice(floats, [0, 0], [1, T]), slice(floats, [0, 0], [1, 1])), [T]); // 0 … T − 1
  const among = add(causalBias(steps, window), mul(first, 0)); //                [B,1,T,T]
  return concat([earlier, among], 3);
}

/**
 * The same for T new tokens that follow P earlier ones of their row, wherever its padding is: mask float32 [B,P+T], 1
 * at tokens and 0 at padding → [B,1,T,P+T].
 *
 * @param most tokens of the longest row
 */
export function followingCausalBias(mask: Tensor, P: number, most: number, window: number | null): Tensor {
  const [B = 0, all = 0] = mask.shape;
  const T = all - P;
  const own = slice(range(0, most, 1, 'float32'), [P], [T]); //                  [T]: P … P + T − 1
  const ahead = sub(reshape(positions(all, most), [1, all]), reshape(own, [T, 1])); // [T,P+T]
  const isHidden = reshape(isHiddenAt(ahead, window), [1, 1, T, all]);
  const isPadding = reshape(less(mask, 0.5), [B, 1, 1, all]);
  return mul(cast(logicalOr(isHidden, isPadding), 'float32'), hidden);
}

/**
 * The bias with which a token reads those that are at most so far from it, in both directions: [T] → [T,T] of 0 and
 * −10⁹.
 *
 * @param eachSide how many tokens before its own a token reads, and how many after it
 */
export function windowBias(places: Tensor, eachSide: number): Tensor {
  const [T = 0] = places.shape;
  const ahead = sub(reshape(places, [1, T]), reshape(places, [T, 1])); //        [T,T]: place of key − place of query
  const isHidden = logicalOr(greater(ahead, eachSide), lessEqual(ahead, -eachSide - 1));
  return mul(cast(isHidden, 'float32'), hidden);
}

/** Scores of keys that are not read sink to this. */
const hidden = -1e9;

function isHiddenAt(ahead: Tensor, window: number | null): Tensor {
  const isLater = greater(ahead, 0);
  return window === null ? isLater : logicalOr(isLater, lessEqual(ahead, -window));
}
