import { add, reshape, type Tensor, tile } from '@tensorflow/tfjs-core';
import type { RotaryDecoder } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import type { Tensors } from '../engine/types.js';
import { attend, joinHeads, splitHeads } from '../nn/attention.js';
import { embedding } from '../nn/embedding.js';
import { rmsNorm } from '../nn/rms-norm.js';
import { rotate } from '../nn/rotate.js';
import { swiglu } from '../nn/swiglu.js';
import type { DecoderPlaces } from './decoder-run.js';
import { dropoutRate, type EncoderRun, type TokenInputs } from './encoder-run.js';
import { describeLayer, gain, projection, table } from './layer-tensors.js';
import { parameter, project } from './modules.js';

/**
 * Llama (Touvron et al. 2023, arXiv:2302.13971; grouped-query attention: arXiv:2307.09288) and Mistral (Jiang et al.
 * 2023, arXiv:2310.06825), with the parameter names and layouts of transformers' `LlamaModel`.
 *
 * In the margin: B texts, T tokens, H hidden size, A heads of queries, K heads of keys and values, G = A/K, D width of
 * a head, F intermediate size.
 */

/** Token embeddings alone: [B,T] → [B·T,H]. */
export function embedLlama(parameters: Tensors, { ids }: TokenInputs): Tensor {
  return embedding(parameter(parameters, 'embed_tokens.weight'), ids);
}

/**
 * One layer: RMSNorm before attention and before the feed-forward network, each with a residual. states [B·T,H] →
 * [B·T,H]. Cost forward, in floating-point operations: B·T·(4·H·D·(A + K) + 6·H·F) + 4·B·T²·A·D.
 *
 * The G heads of queries that read one head of keys stand one under the other, as G·T rows, so that keys and values are
 * not repeated, and their gradients are sums within the products.
 *
 * @param layer counted from 0, without the embeddings
 */
export function llamaLayer(
  parameters: Tensors,
  layer: number,
  states: Tensor,
  { bias, rotations }: DecoderPlaces,
  config: RotaryDecoder,
  run: EncoderRun,
): Tensor {
  const { attentionHeads: A, keyValueHeads: K, headSize: D, normEpsilon } = config;
  const name = `layers.${layer}`;
  const T = bias.shape.at(-1)!;
  const B = states.shape[0]! / T;
  const G = A / K;
  const norm = (module: string, x: Tensor) => rmsNorm(x, parameter(parameters, `${module}.weight`), normEpsilon);
  const turn = (x: Tensor) => (rotations === null ? x : rotate(x, rotations));

  const read = norm(`${name}.input_layernorm`, states); //                                         [B·T,H]
  const queries = turn(splitHeads(project(parameters, `${name}.self_attn.q_proj`, read, run), T, A)); // [B,A,T,D]
  const keys = turn(splitHeads(project(parameters, `${name}.self_attn.k_proj`, read, run), T, K)); //    [B,K,T,D]
  const values = splitHeads(project(parameters, `${name}.self_attn.v_proj`, read, run), T, K); //        [B,K,T,D]
  const grouped = G === 1 ? queries : reshape(queries, [B, K, G * T, D]); //                             [B,K,G·T,D]
  const rate = dropoutRate(run, layer + 1, config.attentionDropout);
  const groupedBias = G === 1 ? bias : tile(bias, bias.rank === 2 ? [G, 1] : [1, 1, G, 1]); //           [G·T,T]
  const context = attend(grouped, keys, values, groupedBias, run.random, rate); //                       [B,K,G·T,D]
  const joined = joinHeads(G === 1 ? context : reshape(context, [B, A, T, D])); //                       [B·T,A·D]
  const middle = add(states, project(parameters, `${name}.self_attn.o_proj`, joined, run)); //           [B·T,H]

  const wide = norm(`${name}.post_attention_layernorm`, middle); //                                      [B·T,H]
  const gate = project(parameters, `${name}.mlp.gate_proj`, wide, run); //                               [B·T,F]
  const up = project(parameters, `${name}.mlp.up_proj`, wide, run); //                                   [B·T,F]
  return add(middle, project(parameters, `${name}.mlp.down_proj`, swiglu(gate, up), run)); //            [B·T,H]
}

/** The norm after the last layer: [B·T,H] → [B·T,H]. */
export function finishLlama(parameters: Tensors, states: Tensor, { normEpsilon }: RotaryDecoder): Tensor {
  return rmsNorm(states, parameter(parameters, 'norm.weight'), normEpsilon);
}

/** Embeddings and layers, in the order of the state dictionary; the last norm counts to the last layer. */
export function describeLlama(config: RotaryDecoder): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, intermediateSize: F, attentionHeads: A, keyValueHeads: K } = config;
  const { headSize: D, attentionBias, feedForwardBias, layers } = config;
  return [
    describeLayer(0, 'embeddings', table('embed_tokens', V, H)),
    ...Array.from({ length: layers }, (_, layer) => {
      const name = `layers.${layer}`;
      return describeLayer(layer + 1, name, [
        ...projection(`${name}.self_attn.q_proj`, A * D, H, attentionBias),
        ...projection(`${name}.self_attn.k_proj`, K * D, H, attentionBias),
        ...projection(`${name}.self_attn.v_proj`, K * D, H, attentionBias),
        ...projection(`${name}.self_attn.o_proj`, H, A * D, attentionBias),
        ...projection(`${name}.mlp.gate_proj`, F, H, feedForwardBias),
        ...projection(`${name}.mlp.up_proj`, F, H, feedForwardBias),
        ...projection(`${name}.mlp.down_proj`, H, F, feedForwardBias),
        ...gain(`${name}.input_layernorm`, H),
        ...gain(`${name}.post_attention_layernorm`, H),
        ...(layer === layers - 1 ? gain('norm', H) : []),
      ]);
    }),
  ];
}
