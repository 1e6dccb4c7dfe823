import {
  add,
  concat,
  cos,
  maximum,
  mul,
  range,
  relu,
  reshape,
  rsqrt,
  sin,
  slice,
  split,
  square,
  sum,
  type Tensor,
  tanh,
} from '@tensorflow/tfjs-core';
import type { UseLiteConfig } from '../../src/protocol/architectures/index.js';
import type { Tensors } from '../engine/types.js';
import { attend, joinHeads, paddingBias, splitHeads } from '../nn/attention.js';
import { embedding } from '../nn/embedding.js';
import { meanPool } from '../nn/mean-pool.js';
import { dropoutRate, type EncoderRun, inference, type TokenInputs } from './encoder-run.js';
import { normalize, parameter, projectDense } from './modules.js';

export interface Encoding {
  /** [B,T,H]; rows at padding hold nothing of use. */
  readonly tokenStates: Tensor;
  /** [B,O] in (−1, 1), tanh of the projected mean: what heads read. */
  readonly pooled: Tensor;
  /** [B,O], `pooled` at unit length: the published model's output. */
  readonly output: Tensor;
}

/**
 * Universal Sentence Encoder Lite (Cer et al. 2018, arXiv:1803.11175) as its published graph computes it: pre-LayerNorm
 * layers with no norm after the last, the embedding counted twice, a mean over tokens, tanh, unit length.
 *
 * In the margin: B texts, T tokens, E embedding size, S a layer's input size (E in the first layer, then H), H hidden
 * size, F intermediate size, A attention heads of S/A, O output size. Cost forward of the published model's two layers,
 * in floating-point operations: 2·B·T·(4.7 M + 2·T·(E + H)).
 */
export function encode(
  parameters: Tensors,
  { ids, mask }: TokenInputs,
  config: UseLiteConfig,
  run: EncoderRun = inference,
): Encoding {
  const [B = 0, T = 0] = ids.shape;
  const { hiddenSize: H, attentionHeads: A, layerNormEpsilon } = config;
  // The published model was trained without dropout: its configuration has no rate.
  const drop = (y: Tensor, layer: number) => run.random.dropout(y, dropoutRate(run, layer, 0));
  const project = (name: string, y: Tensor) => projectDense(parameters, name, y, run);
  const bias = paddingBias(mask); //                                                [B,1,1,T]

  let x = drop(embed(parameters, ids, config), 0); //                               [B·T,E]
  for (let layer = 0; layer < config.layers; layer++) {
    const name = `encoder.layers.${layer}`;

    const normed = normalize(parameters, `${name}.attention_norm`, x, layerNormEpsilon);
    const qkv = project(`${name}.attention.query_key_value`, normed); //            [B·T,3S]
    // q, k and v: [B,A,T,S/A] each.
    const [q, k, v] = split(qkv, 3, 1).map((third) => splitHeads(third, T, A)) as [Tensor, Tensor, Tensor];
    const heads = joinHeads(attend(q, k, v, bias, run.random, dropoutRate(run, layer + 1, 0))); // [B·T,S]
    const attended = project(`${name}.attention.output`, heads); //              [B·T,H]
    // The first layer widens E to H, so its residual is projected, from the un-normalized x.
    const residual = layer === 0 ? project(`${name}.residual_projection`, x) : x; // [B·T,H]
    x = add(residual, drop(attended, layer + 1)); //                                [B·T,H]

    const wide = normalize(parameters, `${name}.feed_forward_norm`, x, layerNormEpsilon);
    const hidden = relu(project(`${name}.feed_forward.input`, wide)); //            [B·T,F]
    x = add(x, drop(project(`${name}.feed_forward.output`, hidden), layer + 1)); // [B·T,H]
  }

  const tokenStates = reshape(x, [B, T, H]); //                                     [B,T,H]
  const mean = meanPool(tokenStates, mask); //                                      [B,H]
  const pooled = tanh(project('pooler', mean)); //                                  [B,O]
  return { tokenStates, pooled, output: unitLength(pooled) };
}

/** Token embeddings counted twice (the graph's own factor) plus sine and cosine of the position: [B,T] → [B·T,E]. */
function embed(parameters: Tensors, ids: Tensor, config: UseLiteConfig): Tensor {
  const [B = 0, T = 0] = ids.shape;
  const E = config.embeddingSize;
  const tokens = embedding(parameter(parameters, 'embeddings.weight'), ids); //        [B·T,E]
  const frequencies = reshape(parameter(parameters, 'embeddings.inverse_frequencies'), [1, E / 2]);
  // A slice of a fixed table, not `range(0, T)`: a graph that is recorded for any number of tokens cannot hold a
  // constant that depends on that number.
  const places = slice(range(0, config.maxPositions, 1, 'float32'), [0], [T]); //      [T]
  const angles = mul(reshape(places, [T, 1]), frequencies); //                      [T,E/2]
  const positions = concat([sin(angles), cos(angles)], 1); //                       [T,E]
  return reshape(add(reshape(mul(tokens, 2), [B, T, E]), positions), [B * T, E]);
}

/** x [B,O] · 1/√max(Σx², 10⁻¹²): the published graph's `l2_normalize`. */
function unitLength(x: Tensor): Tensor {
  return mul(x, rsqrt(maximum(sum(square(x), 1, true), 1e-12)));
}
