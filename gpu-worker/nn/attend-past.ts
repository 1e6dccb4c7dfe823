import { add, concat, matMul, mul, slice, softmax, type Tensor } from '@tensorflow/tfjs-core';

/** Keys and values of C earlier tokens, a row for each: a new one is written in one piece. */
export interface PastTokens {
  /** [B,K,C,D] */
  readonly keys: Tensor;
  /** [B,K,C,D] */
  readonly values: Tensor;
}

/**
 * Attention of new tokens to earlier ones and to themselves, without dropout and gradients: queries [B,K,Q,D], keys and
 * values of the new tokens [B,K,T,D], bias broadcast to [B,K,Q,C+T], earlier tokens first → [B,K,Q,D]. Scores and
 * probabilities are joined and divided, because keys and values are larger: a step of one token copies C numbers a
 * head instead of 2·C·D.
 */
export function attendPast(
  queries: Tensor,
  keys: Tensor,
  values: Tensor,
  past: PastTokens,
  bias: Tensor,
  scale: number,
): Tensor {
  const [B = 0, K = 0, Q = 0] = queries.shape;
  const C = past.keys.shape[2]!;
  const T = keys.shape[2]!;
  const scaled = mul(queries, scale); //                                                  [B,K,Q,D]
  const earlier = matMul(scaled, past.keys, false, true); //                                           [B,K,Q,C]
  const among = matMul(scaled, keys, false, true); //                                     [B,K,Q,T]
  const probabilities = softmax(add(concat([earlier, among], 3), bias), -1); //           [B,K,Q,C+T]
  const ofEarlier = slice(probabilities, [0, 0, 0, 0], [B, K, Q, C]);
  const ofNew = slice(probabilities, [0, 0, 0, C], [B, K, Q, T]);
  return add(matMul(ofEarlier, past.values), matMul(ofNew, values)); //                   [B,K,Q,D]
}
