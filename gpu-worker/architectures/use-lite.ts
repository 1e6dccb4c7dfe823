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
  split,
  square,
  sum,
  type Tensor,
  tanh,
} from '@tensorflow/tfjs-core';
import type { UseLiteConfig } from '../../src/protocol/model-manifest.js';
import type { Tensors, TrainingRandomness } from '../engine/types.js';
import { attend, joinHeads, paddingBias, splitHeads } from '../nn/attention.js';
import { dense } from '../nn/dense.js';
import { embedding } from '../nn/embedding.js';
import { layerNorm } from '../nn/layer-norm.js';
import { meanPool } from '../nn/mean-pool.js';
import { withoutDropout } from '../nn/without-dropout.js';

export interface TokenInputs {
  /** int32 [B,T], any valid id at padding. */
  readonly ids: Tensor;
  /** float32 [B,T], 1 at tokens, 0 at padding. */
  readonly mask: Tensor;
}

export interface EncoderDropout {
  readonly random: TrainingRandomness;
  readonly rate: number;
  /** Lowest trained layer by its index in the manifest; the frozen ones below run as they do in evaluation. */
  readonly fromLayer: number;
}

export interface Encoding {
  /** [B,T,H]; rows at padding hold nothing of use. */
  readonly tokenStates: Tensor;
  /** [B,O] in (−1, 1), tanh of the projected mean: what heads read. */
  readonly pooled: Tensor;
  /** [B,O], `pooled` at unit length: the published model's output. */
  readonly output: Tensor;
}

const evaluation: EncoderDropout = { random: withoutDropout, rate: 0, fromLayer: 0 };

/**
 * Universal Sentence Encoder Lite (Cer et al. 2018, arXiv:1803.11175) as its published graph computes it: pre-LayerNorm
 * layers with no norm after the last, the embedding counted twice, a mean over tokens, tanh, unit length.
 *
 * In the margin: B texts, T tokens, E embedding size, S a layer's input size (E in the first layer, then H), H hidden
 * size, F intermediate size, A attention heads of S/A, O output size. Cost: 2·B·T·(4.7 M + A·T·S) forward.
 */
export function encode(
  parameters: Tensors,
  { ids, mask }: TokenInputs,
  config: UseLiteConfig,
  dropout: EncoderDropout = evaluation,
): Encoding {
  const [B = 0, T = 0] = ids.shape;
  const { hiddenSize: H, attentionHeads: A, layerNormEpsilon } = config;
  const rateOf = (layer: number) => (layer >= dropout.fromLayer ? dropout.rate : 0);
  const bias = paddingBias(mask); //                                                [B,1,1,T]

  let x = dropout.random.dropout(embed(parameters, ids, config), rateOf(0)); //     [B·T,E]
  for (let layer = 0; layer < config.layers; layer++) {
    const at = (name: string) => tensor(parameters, `encoder.layers.${layer}.${name}`);
    const drop = (y: Tensor) => dropout.random.dropout(y, rateOf(layer + 1));

    const normed = layerNorm(x, at('attention_norm.weight'), at('attention_norm.bias'), layerNormEpsilon);
    const qkv = dense(normed, at('attention.query_key_value.weight'), at('attention.query_key_value.bias')); // [B·T,3S]
    const [q, k, v] = split(qkv, 3, 1).map((third) => splitHeads(third, T, A)) as [Tensor, Tensor, Tensor]; //  [B,A,T,S/A]
    const heads = joinHeads(attend(q, k, v, bias, dropout.random, rateOf(layer + 1))); // [B·T,S]
    const attended = dense(heads, at('attention.output.weight'), at('attention.output.bias')); // [B·T,H]
    // The first layer widens E to H, so its residual is projected, from the un-normalized x.
    const residual = layer === 0 ? dense(x, at('residual_projection.weight'), at('residual_projection.bias')) : x; // [B·T,H]
    x = add(residual, drop(attended)); //                                           [B·T,H]

    const wide = layerNorm(x, at('feed_forward_norm.weight'), at('feed_forward_norm.bias'), layerNormEpsilon);
    const hidden = relu(dense(wide, at('feed_forward.input.weight'), at('feed_forward.input.bias'))); // [B·T,F]
    x = add(x, drop(dense(hidden, at('feed_forward.output.weight'), at('feed_forward.output.bias')))); // [B·T,H]
  }

  const tokenStates = reshape(x, [B, T, H]); //                                     [B,T,H]
  const mean = meanPool(tokenStates, mask); //                                      [B,H]
  const pooled = tanh(dense(mean, tensor(parameters, 'pooler.weight'), tensor(parameters, 'pooler.bias'))); // [B,O]
  return { tokenStates, pooled, output: unitLength(pooled) };
}

/** Token embeddings counted twice (the graph's own factor) plus sine and cosine of the position: [B,T] → [B·T,E]. */
function embed(parameters: Tensors, ids: Tensor, config: UseLiteConfig): Tensor {
  const [B = 0, T = 0] = ids.shape;
  const E = config.embeddingSize;
  const tokens = embedding(tensor(parameters, 'embeddings.weight'), ids); //        [B·T,E]
  const frequencies = reshape(tensor(parameters, 'embeddings.inverse_frequencies'), [1, E / 2]);
  const angles = mul(reshape(range(0, T, 1, 'float32'), [T, 1]), frequencies); //   [T,E/2]
  const positions = concat([sin(angles), cos(angles)], 1); //                       [T,E]
  return reshape(add(reshape(mul(tokens, 2), [B, T, E]), positions), [B * T, E]);
}

/** x [B,O] · 1/√max(Σx², 10⁻¹²): the published graph's `l2_normalize`. */
function unitLength(x: Tensor): Tensor {
  return mul(x, rsqrt(maximum(sum(square(x), 1, true), 1e-12)));
}

function tensor(parameters: Tensors, name: string): Tensor {
  const found = parameters[name];
  if (found === undefined) throw new RangeError(`the model has no tensor ${name}`);
  return found;
}
