import { add, mul, slice, split, type Tensor } from '@tensorflow/tfjs-core';
import type { ModernBertConfig } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { poolerModule, poolerNorm } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import { attend, joinHeads, paddingBias, splitHeads } from '../nn/attention.js';
import { positions, windowBias } from '../nn/causal.js';
import { embedding } from '../nn/embedding.js';
import { gelu } from '../nn/gelu.js';
import { type Rotations, rotate } from '../nn/rotate.js';
import { activate } from './activate.js';
import { dropoutRate, type EncoderRun, type TokenInputs } from './encoder-run.js';
import { describeLayer, norm, projection, table } from './layer-tensors.js';
import { normalize, parameter, project } from './modules.js';
import { firstTokens } from './post-norm-layer.js';
import { rotationsAt } from './rotary.js';

/**
 * ModernBERT (Warner et al. 2024, arXiv:2412.13663), with the parameter names and layouts of transformers'
 * `ModernBertModel`.
 *
 * In the margin: B texts, T tokens, H hidden size, A attention heads of D = H/A, F intermediate size, V vocabulary.
 */

/** The table of word embeddings, [V,H]. */
export const modernBertTable = 'embeddings.tok_embeddings';

/** Token embeddings, normalized: [B,T] → [B·T,H]. */
export function embedModernBert(
  parameters: Tensors,
  { ids }: TokenInputs,
  config: ModernBertConfig,
  run: EncoderRun,
): Tensor {
  const tokens = embedding(parameter(parameters, `${modernBertTable}.weight`), ids); //  [B·T,H]
  const normed = normalize(parameters, 'embeddings.norm', tokens, config.layerNormEpsilon);
  return run.random.dropout(normed, dropoutRate(run, 0, config.embeddingDropout));
}

/** What a layer reads of the places of tokens. */
export interface ModernBertPlaces {
  /** Bias on attention scores: [B,1,1,T] of padding or, with the window, [B,1,T,T]. */
  readonly bias: Tensor;
  readonly rotations: Rotations;
}

/** What each layer reads of the places of tokens, by the layer, counted from 0; layers that read alike share it. */
export function modernBertPlaces(mask: Tensor, config: ModernBertConfig): (layer: number) => ModernBertPlaces {
  const { attentionHeads, hiddenSize, maxPositions, slidingLayers, windowEachSide } = config;
  const padding = paddingBias(mask); //                                            [B,1,1,T]
  const ofRow = positions(mask.shape[1]!, maxPositions); //                        [T]
  const rotary = { headSize: hiddenSize / attentionHeads, maxPositions, rotaryScaling: { kind: 'none' } } as const;
  const make = (isSliding: boolean): ModernBertPlaces => ({
    bias: isSliding ? add(padding, windowBias(ofRow, windowEachSide)) : padding,
    rotations: rotationsAt(ofRow, {
      ...rotary,
      rotaryBase: isSliding ? config.slidingRotaryBase : config.rotaryBase,
    }),
  });
  const made = new Map<boolean, ModernBertPlaces>();
  return (layer) => {
    const isSliding = slidingLayers[layer] === true;
    const places = made.get(isSliding) ?? make(isSliding);
    made.set(isSliding, places);
    return places;
  };
}

/**
 * One layer: LayerNorm before attention, but for the first layer's, which the embeddings' norm precedes, and before the
 * feed-forward network, whose gate lets its other half through; each with a residual. states [B·T,H] → [B·T,H]. Cost
 * forward, in floating-point operations: B·T·(8·H² + 6·H·F) + 4·B·T²·H: layers with the window compute all scores too.
 *
 * With `firstOnly` the result is [B,H], exactly the first tokens' rows, at a lower cost: see `postNormLayer`.
 *
 * @param layer counted from 0, without the embeddings
 */
export function modernBertLayer(
  parameters: Tensors,
  layer: number,
  states: Tensor,
  { bias, rotations }: ModernBertPlaces,
  firstOnly: boolean,
  config: ModernBertConfig,
  run: EncoderRun,
): Tensor {
  const { attentionHeads: A, attentionDropout, layerNormEpsilon } = config;
  const name = `layers.${layer}`;
  const T = bias.shape.at(-1)!;
  const drop = (x: Tensor, rate: number) => run.random.dropout(x, dropoutRate(run, layer + 1, rate));

  const read = layer === 0 ? states : normalize(parameters, `${name}.attn_norm`, states, layerNormEpsilon); // [B·T,H]
  const together = project(parameters, `${name}.attn.Wqkv`, read, run); //                      [B·T,3H]
  // q, k and v: [B,A,T,D] each.
  const [q, k, v] = split(together, 3, 1).map((third) => splitHeads(third, T, A)) as [Tensor, Tensor, Tensor];
  // The first place is turned by no angle.
  const queries = firstOnly ? firstOf(q, 2) : rotate(q, rotations); //                          [B,A,Q,D], Q = 1 or T
  const attendedTo = attend(
    queries,
    rotate(k, rotations),
    v,
    firstOnly ? firstOf(bias, 2) : bias,
    run.random,
    dropoutRate(run, layer + 1, attentionDropout),
  );
  const attended = project(parameters, `${name}.attn.Wo`, joinHeads(attendedTo), run); //       [B·Q,H]
  const middle = add(firstOnly ? firstTokens(states, T) : states, drop(attended, attentionDropout));

  const wide = normalize(parameters, `${name}.mlp_norm`, middle, layerNormEpsilon); //          [B·Q,H]
  const [input, other] = split(project(parameters, `${name}.mlp.Wi`, wide, run), 2, 1) as [Tensor, Tensor]; // [B·Q,F]
  const gated = mul(activate(input, config.activation), other);
  const fedForward = project(parameters, `${name}.mlp.Wo`, drop(gated, config.feedForwardDropout), run);
  return add(middle, fedForward); //                                                            [B·Q,H]
}

/** The norm after the last layer: [N,H] → [N,H]. */
export function finishModernBert(parameters: Tensors, states: Tensor, { layerNormEpsilon }: ModernBertConfig): Tensor {
  return normalize(parameters, 'final_norm', states, layerNormEpsilon);
}

/** `ModernBertPredictionHead`: GELU of a projection, and a norm of that, [N,H] → [N,H]. */
export function poolModernBert(parameters: Tensors, read: Tensor, config: ModernBertConfig, run: EncoderRun): Tensor {
  return normalize(parameters, poolerNorm, gelu(project(parameters, poolerModule, read, run)), config.layerNormEpsilon);
}

/** Embeddings and layers, in the order of the state dictionary; the last norm counts to the last layer. */
export function describeModernBert(config: ModernBertConfig): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, intermediateSize: F, layers, normBias } = config;
  const { attentionBias, feedForwardBias } = config;
  return [
    describeLayer(0, 'embeddings', [...table(modernBertTable, V, H), ...norm('embeddings.norm', H, normBias)]),
    ...Array.from({ length: layers }, (_, layer) => {
      const name = `layers.${layer}`;
      return describeLayer(layer + 1, name, [
        ...(layer === 0 ? [] : norm(`${name}.attn_norm`, H, normBias)),
        ...projection(`${name}.attn.Wqkv`, 3 * H, H, attentionBias),
        ...projection(`${name}.attn.Wo`, H, H, attentionBias),
        ...norm(`${name}.mlp_norm`, H, normBias),
        ...projection(`${name}.mlp.Wi`, 2 * F, H, feedForwardBias),
        ...projection(`${name}.mlp.Wo`, H, F, feedForwardBias),
        ...(layer === layers - 1 ? norm('final_norm', H, normBias) : []),
      ]);
    }),
  ];
}

/** The pooler's layer, which follows the last of the encoder. */
export function describeModernBertPooler({
  layers,
  hiddenSize: H,
  poolerBias,
  normBias,
}: ModernBertConfig): LayerDescription {
  return describeLayer(layers + 1, 'pooler', [
    ...projection(poolerModule, H, H, poolerBias),
    ...norm(poolerNorm, H, normBias),
  ]);
}

/** The first row along an axis that is not the last: of one row, the same. */
function firstOf(x: Tensor, axis: number): Tensor {
  const size = [...x.shape];
  size[axis] = 1;
  return slice(
    x,
    x.shape.map(() => 0),
    size,
  );
}
