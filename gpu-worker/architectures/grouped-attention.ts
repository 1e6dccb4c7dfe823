import { reshape, type Tensor, tile } from '@tensorflow/tfjs-core';
import type { RotaryDecoder } from '../../src/protocol/architectures/index.js';
import type { Tensors } from '../engine/types.js';
import { joinHeads, splitHeads } from '../nn/attention.js';
import { rotate } from '../nn/rotate.js';
import { attendTokens } from './attend-tokens.js';
import type { DecoderPlaces } from './decoder-run.js';
import { dropoutRate, type EncoderRun } from './encoder-run.js';
import { project } from './modules.js';

/** In what a family's attention differs from Llama's. */
interface AttentionForm {
  /** Normalizes heads of queries or keys before they are turned, by the name of the norm: [N,D] → [N,D]. */
  readonly normalizeHeads: ((module: string, heads: Tensor) => Tensor) | null;
  /** What scores are multiplied by; null: 1/√D. */
  readonly scale: number | null;
}

/**
 * Attention with rotary positions, in which G heads of queries read one head of keys and values (Ainslie et al. 2023,
 * arXiv:2305.13245), projections included: read [B·T,H] → [B·T,H]. Cost forward, in floating-point operations:
 * B·T·4·H·D·(A + K) + 4·B·T²·A·D.
 *
 * The G heads stand one under the other, as G·T rows, so that keys and values are not repeated, and their gradients are
 * sums within the products.
 *
 * In the margin: B texts, T tokens, H hidden size, A heads of queries, K heads of keys and values, G = A/K, D width of
 * a head.
 *
 * @param layer counted from 0, without the embeddings
 */
export function groupedAttention(
  parameters: Tensors,
  layer: number,
  read: Tensor,
  places: DecoderPlaces,
  { attentionHeads: A, keyValueHeads: K, headSize: D, attentionDropout }: RotaryDecoder,
  run: EncoderRun,
  { normalizeHeads, scale }: AttentionForm,
): Tensor {
  const name = `layers.${layer}.self_attn`;
  const { bias, rotations } = places;
  const T = bias.shape.at(-2)!;
  const B = read.shape[0]! / T;
  const G = A / K;
  const rate = dropoutRate(run, layer + 1, attentionDropout);
  const projected = (module: string, heads: number, norm: string | null) => {
    const all = project(parameters, `${name}.${module}`, read, run); //                     [B·T,heads·D]
    if (norm === null || normalizeHeads === null) return splitHeads(all, T, heads); //      [B,heads,T,D]
    const normalized = normalizeHeads(`${name}.${norm}`, reshape(all, [B * T * heads, D]));
    return splitHeads(reshape(normalized, [B * T, heads * D]), T, heads);
  };
  const turn = (x: Tensor) => (rotations === null ? x : rotate(x, rotations));

  const queries = turn(projected('q_proj', A, 'q_norm')); //                                [B,A,T,D]
  const keys = turn(projected('k_proj', K, 'k_norm')); //                                   [B,K,T,D]
  const values = projected('v_proj', K, null); //                                           [B,K,T,D]
  const grouped = G === 1 ? queries : reshape(queries, [B, K, G * T, D]); //                [B,K,G·T,D]
  const groupedBias = G === 1 ? bias : tile(bias, bias.rank === 2 ? [G, 1] : [1, 1, G, 1]); // [G·T,T]
  const heads = { queries: grouped, keys, values };
  const context = attendTokens(heads, groupedBias, places, run, rate, scale ?? 1 / Math.sqrt(D));
  const joined = joinHeads(G === 1 ? context : reshape(context, [B, A, T, D])); //          [B·T,A·D]
  return project(parameters, `${name}.o_proj`, joined, run); //                             [B·T,H]
}
