import { add, type Tensor } from '@tensorflow/tfjs-core';
import type { RotaryDecoder } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import type { Tensors } from '../engine/types.js';
import { embedding } from '../nn/embedding.js';
import { rmsNorm } from '../nn/rms-norm.js';
import { swiglu } from '../nn/swiglu.js';
import type { DecoderPlaces } from './decoder-run.js';
import type { EncoderRun, TokenInputs } from './encoder-run.js';
import { groupedAttention } from './grouped-attention.js';
import { describeLayer, gain, projection, table } from './layer-tensors.js';
import { parameter, project } from './modules.js';

/**
 * Llama (Touvron et al. 2023, arXiv:2302.13971; grouped-query attention: arXiv:2307.09288), Mistral (Jiang et al. 2023,
 * arXiv:2310.06825), Qwen2 (Yang et al. 2024, arXiv:2407.10671) and Qwen3 (Yang et al. 2025, arXiv:2505.09388), with
 * the parameter names and layouts of transformers' `LlamaModel`.
 *
 * In the margin: B texts, T tokens, H hidden size, A heads of queries, K heads of keys and values, D width of a head,
 * F intermediate size.
 */

/** Token embeddings alone: [B,T] → [B·T,H]. */
export function embedLlama(parameters: Tensors, { ids }: Pick<TokenInputs, 'ids'>): Tensor {
  return embedding(parameter(parameters, 'embed_tokens.weight'), ids);
}

/**
 * One layer: RMSNorm before attention and before the feed-forward network, each with a residual. states [B·T,H] →
 * [B·T,H]. Cost forward, in floating-point operations: B·T·(4·H·D·(A + K) + 6·H·F) + 4·B·T²·A·D. Queries and keys are
 * normalized by head where the layer has the norms for that.
 *
 * @param layer counted from 0, without the embeddings
 */
export function llamaLayer(
  parameters: Tensors,
  layer: number,
  states: Tensor,
  places: DecoderPlaces,
  config: RotaryDecoder,
  run: EncoderRun,
): Tensor {
  const name = `layers.${layer}`;
  const norm = (module: string, x: Tensor) => rmsNorm(x, parameter(parameters, `${module}.weight`), config.normEpsilon);
  const hasHeadNorms = `${name}.self_attn.q_norm.weight` in parameters;
  const form = { normalizeHeads: hasHeadNorms ? norm : null, scale: null };

  const read = norm(`${name}.input_layernorm`, states); //                                    [B·T,H]
  const attended = groupedAttention(parameters, layer, read, places, config, run, form); //   [B·T,H]
  const middle = add(states, attended); //                                                    [B·T,H]

  const wide = norm(`${name}.post_attention_layernorm`, middle); //                           [B·T,H]
  const gate = project(parameters, `${name}.mlp.gate_proj`, wide, run); //                    [B·T,F]
  const up = project(parameters, `${name}.mlp.up_proj`, wide, run); //                        [B·T,F]
  return add(middle, project(parameters, `${name}.mlp.down_proj`, swiglu(gate, up), run)); // [B·T,H]
}

/** The norm after the last layer: [B·T,H] → [B·T,H]. */
export function finishLlama(parameters: Tensors, states: Tensor, { normEpsilon }: RotaryDecoder): Tensor {
  return rmsNorm(states, parameter(parameters, 'norm.weight'), normEpsilon);
}

/** In what the tensors of a family's layers differ from Llama's. */
export interface LlamaForm {
  /** Whether what attention gives is projected with a bias. */
  readonly outputBias: boolean;
  /** Whether heads of queries and keys have norms. */
  readonly headNorms: boolean;
  /** Norms of the hidden size beside Llama's two, in the order of the state dictionary. */
  readonly moreNorms?: readonly string[];
}

/** Embeddings and layers, in the order of the state dictionary; the last norm counts to the last layer. */
export function describeLlama(
  config: RotaryDecoder,
  form: LlamaForm = { outputBias: config.attentionBias, headNorms: false },
): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, intermediateSize: F, attentionHeads: A, keyValueHeads: K } = config;
  const { headSize: D, attentionBias, feedForwardBias, layers } = config;
  const norms = ['input_layernorm', 'post_attention_layernorm', ...(form.moreNorms ?? [])];
  return [
    describeLayer(0, 'embeddings', table('embed_tokens', V, H)),
    ...Array.from({ length: layers }, (_, layer) => {
      const name = `layers.${layer}`;
      return describeLayer(layer + 1, name, [
        ...projection(`${name}.self_attn.q_proj`, A * D, H, attentionBias),
        ...projection(`${name}.self_attn.k_proj`, K * D, H, attentionBias),
        ...projection(`${name}.self_attn.v_proj`, K * D, H, attentionBias),
        ...projection(`${name}.self_attn.o_proj`, H, A * D, form.outputBias),
        ...(form.headNorms ? ['q_norm', 'k_norm'].flatMap((norm) => gain(`${name}.self_attn.${norm}`, D)) : []),
        ...projection(`${name}.mlp.gate_proj`, F, H, feedForwardBias),
        ...projection(`${name}.mlp.up_proj`, F, H, feedForwardBias),
        ...projection(`${name}.mlp.down_proj`, H, F, feedForwardBias),
        ...norms.flatMap((norm) => gain(`${name}.${norm}`, H)),
        ...(layer === layers - 1 ? gain('norm', H) : []),
      ]);
    }),
  ];
}
