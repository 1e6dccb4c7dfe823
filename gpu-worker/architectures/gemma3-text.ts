import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { Gemma3TextConfig } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import type { Tensors } from '../engine/types.js';
import { embedding } from '../nn/embedding.js';
import { gegluTanh } from '../nn/gelu-tanh.js';
import { rmsNorm } from '../nn/rms-norm.js';
import type { DecoderPlaces } from './decoder-run.js';
import type { EncoderRun, TokenInputs } from './encoder-run.js';
import { groupedAttention } from './grouped-attention.js';
import { describeLlama } from './llama.js';
import { parameter, project } from './modules.js';

/**
 * The decoder of Gemma 3 (Gemma Team 2025, arXiv:2503.19786), with the parameter names and layouts of transformers'
 * `Gemma3TextModel`.
 *
 * In the margin: B texts, T tokens, H hidden size, D width of a head, F intermediate size.
 */

/**
 * Token embeddings times √H: [B,T] → [B·T,H]. The factor is that of float32; transformers rounds it to the type of its
 * weights, so that a model that it runs in bfloat16 has another one in the third digit.
 */
export function embedGemma3Text(
  parameters: Tensors,
  { ids }: Pick<TokenInputs, 'ids'>,
  { hiddenSize: H }: Gemma3TextConfig,
): Tensor {
  return mul(embedding(parameter(parameters, 'embed_tokens.weight'), ids), Math.fround(Math.sqrt(H)));
}

/**
 * One layer: norms before and after attention, before and after the feed-forward network, each pair within a residual.
 * states [B·T,H] → [B·T,H]. Its cost is that of `llamaLayer`.
 *
 * @param layer counted from 0, without the embeddings
 */
export function gemma3TextLayer(
  parameters: Tensors,
  layer: number,
  states: Tensor,
  places: DecoderPlaces,
  config: Gemma3TextConfig,
  run: EncoderRun,
): Tensor {
  const name = `layers.${layer}`;
  const norm = (module: string, x: Tensor) => normalizeFromOne(parameters, module, x, config);
  const form = { normalizeHeads: norm, scale: 1 / Math.sqrt(config.queryScalar) };

  const read = norm(`${name}.input_layernorm`, states); //                                     [B·T,H]
  const attended = groupedAttention(parameters, layer, read, places, config, run, form); //    [B·T,H]
  const middle = add(states, norm(`${name}.post_attention_layernorm`, attended)); //           [B·T,H]

  const wide = norm(`${name}.pre_feedforward_layernorm`, middle); //                           [B·T,H]
  const gate = project(parameters, `${name}.mlp.gate_proj`, wide, run); //                     [B·T,F]
  const up = project(parameters, `${name}.mlp.up_proj`, wide, run); //                         [B·T,F]
  const narrow = project(parameters, `${name}.mlp.down_proj`, gegluTanh(gate, up), run); //    [B·T,H]
  return add(middle, norm(`${name}.post_feedforward_layernorm`, narrow)); //                   [B·T,H]
}

/** The norm after the last layer: [B·T,H] → [B·T,H]. */
export function finishGemma3Text(parameters: Tensors, states: Tensor, config: Gemma3TextConfig): Tensor {
  return normalizeFromOne(parameters, 'norm', states, config);
}

/** The rotary positions of the layers with the window: their base, and no scaling. */
export function slidingRotary(config: Gemma3TextConfig): Gemma3TextConfig {
  return { ...config, rotaryBase: config.slidingRotaryBase, rotaryScaling: { kind: 'none' } };
}

/** RMSNorm whose weights are counted from one: x [N,W] → x / √(mean(x²) + ε) · (1 + w). */
function normalizeFromOne(
  parameters: Tensors,
  module: string,
  x: Tensor,
  { normEpsilon }: Pick<Gemma3TextConfig, 'normEpsilon'>,
): Tensor {
  return rmsNorm(x, add(parameter(parameters, `${module}.weight`), 1), normEpsilon);
}

/** As `describeLlama`, with the norms about the feed-forward network. */
export function describeGemma3Text(config: Gemma3TextConfig): LayerDescription[] {
  return describeLlama(config, {
    headNorms: true,
    outputBias: config.attentionBias,
    moreNorms: ['pre_feedforward_layernorm', 'post_feedforward_layernorm'],
  });
}
