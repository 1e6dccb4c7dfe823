import { add, reshape, slice, split, type Tensor } from '@tensorflow/tfjs-core';
import type { Gpt2Config } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import type { Tensors } from '../engine/types.js';
import { joinHeads, splitHeads } from '../nn/attention.js';
import { embedding } from '../nn/embedding.js';
import { activate } from './activate.js';
import { attendTokens } from './attend-tokens.js';
import type { DecoderPlaces } from './decoder-run.js';
import { dropoutRate, type EncoderRun, type TokenInputs } from './encoder-run.js';
import { describeLayer, normalization, table, transposedProjection } from './layer-tensors.js';
import { normalize, parameter, projectDense } from './modules.js';

/**
 * GPT-2 (Radford et al. 2019), with the parameter names and layouts of transformers' `GPT2Model`: matrices are stored
 * as they are multiplied, [I,O].
 *
 * In the margin: B texts, T tokens, H hidden size, A attention heads of D = H/A, F intermediate size.
 */

/** Token and position embeddings: [B,T] → [B·T,H]. */
export function embedGpt2(
  parameters: Tensors,
  { ids, places }: Pick<TokenInputs, 'ids' | 'places'>,
  config: Gpt2Config,
  run: EncoderRun,
): Tensor {
  const [B = 0, T = 0] = ids.shape;
  const H = config.hiddenSize;
  const tokens = embedding(parameter(parameters, 'wte.weight'), ids); //           [B·T,H]
  const table = parameter(parameters, 'wpe.weight');
  const sum =
    places === undefined
      ? reshape(add(reshape(tokens, [B, T, H]), slice(table, [0, 0], [T, H])), [B * T, H])
      : add(tokens, embedding(table, places)); //                                  [B·T,H]
  return run.random.dropout(sum, dropoutRate(run, 0, config.embeddingDropout));
}

/**
 * One layer: LayerNorm before attention and before the feed-forward network, each with dropout and a residual. states
 * [B·T,H] → [B·T,H]. Cost forward, in floating-point operations: B·T·(8·H² + 4·H·F) + 4·B·T²·H.
 *
 * @param layer counted from 0, without the embeddings
 */
export function gpt2Layer(
  parameters: Tensors,
  layer: number,
  states: Tensor,
  places: DecoderPlaces,
  config: Gpt2Config,
  run: EncoderRun,
): Tensor {
  const { attentionHeads: A, layerNormEpsilon } = config;
  const name = `h.${layer}`;
  const { bias } = places;
  const T = bias.shape.at(-2)!;
  const hidden = (x: Tensor) => run.random.dropout(x, dropoutRate(run, layer + 1, config.hiddenDropout));
  const attentionRate = dropoutRate(run, layer + 1, config.attentionDropout);

  const read = normalize(parameters, `${name}.ln_1`, states, layerNormEpsilon); //                     [B·T,H]
  const together = projectDense(parameters, `${name}.attn.c_attn`, read, run); //                      [B·T,3H]
  // [B,A,T,D] each.
  const [queries, keys, values] = split(together, 3, 1).map((third) => splitHeads(third, T, A)) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const scale = 1 / Math.sqrt(queries.shape[3]!);
  const heads = attendTokens({ queries, keys, values }, bias, places, run, attentionRate, scale); //   [B,A,T,D]
  const context = joinHeads(heads); //                                                                 [B·T,H]
  const middle = add(states, hidden(projectDense(parameters, `${name}.attn.c_proj`, context, run))); // [B·T,H]

  const wide = normalize(parameters, `${name}.ln_2`, middle, layerNormEpsilon); //                     [B·T,H]
  const inner = activate(projectDense(parameters, `${name}.mlp.c_fc`, wide, run), config.activation); // [B·T,F]
  return add(middle, hidden(projectDense(parameters, `${name}.mlp.c_proj`, inner, run))); //           [B·T,H]
}

/** The norm after the last layer: [B·T,H] → [B·T,H]. */
export function finishGpt2(parameters: Tensors, states: Tensor, { layerNormEpsilon }: Gpt2Config): Tensor {
  return normalize(parameters, 'ln_f', states, layerNormEpsilon);
}

/** Embeddings and layers, in the order of the state dictionary; the last norm counts to the last layer. */
export function describeGpt2(config: Gpt2Config): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, intermediateSize: F, maxPositions, layers } = config;
  return [
    describeLayer(0, 'embeddings', [...table('wte', V, H), ...table('wpe', maxPositions, H)]),
    ...Array.from({ length: layers }, (_, layer) => {
      const name = `h.${layer}`;
      return describeLayer(layer + 1, name, [
        ...normalization(`${name}.ln_1`, H),
        ...transposedProjection(`${name}.attn.c_attn`, 3 * H, H),
        ...transposedProjection(`${name}.attn.c_proj`, H, H),
        ...normalization(`${name}.ln_2`, H),
        ...transposedProjection(`${name}.mlp.c_fc`, F, H),
        ...transposedProjection(`${name}.mlp.c_proj`, H, F),
        ...(layer === layers - 1 ? normalization('ln_f', H) : []),
      ]);
    }),
  ];
}
