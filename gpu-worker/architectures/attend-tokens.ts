import type { Tensor } from '@tensorflow/tfjs-core';
import { attendPast } from '../nn/attend-past.js';
import { attend } from '../nn/attention.js';
import type { DecoderPlaces } from './decoder-run.js';
import type { EncoderRun } from './encoder-run.js';

/** Queries of a layer, and the keys and values of the tokens that are computed with them. */
interface Heads {
  /** [B,K,Q,D] */
  readonly queries: Tensor;
  /** [B,K,T,D] */
  readonly keys: Tensor;
  /** [B,K,T,D] */
  readonly values: Tensor;
}

/**
 * Attention to the tokens of a text: those computed now, and the earlier ones, where there are any → [B,K,Q,D].
 *
 * @param bias that of the places, for Q rows
 */
export function attendTokens(
  { queries, keys, values }: Heads,
  bias: Tensor,
  { past }: DecoderPlaces,
  { random }: EncoderRun,
  rate: number,
  scale: number,
): Tensor {
  if (past === undefined) return attend(queries, keys, values, bias, random, rate, scale);
  if ('join' in past) {
    const all = past.join(keys, values);
    return attend(queries, all.keys, all.values, bias, random, rate, scale);
  }
  past.keep(keys, values);
  return attendPast(queries, keys, values, past, bias, scale);
}
