import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { poolerModule } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import { paddingBias } from '../nn/attention.js';
import { bertModules, describeBert, embedBert, poolBert } from './bert.js';
import { debertaV2Modules, describeDebertaV2, embedDebertaV2, poolDebertaV2 } from './deberta-v2.js';
import { distanceTable as debertaDistances, distanceNorm, readDistances } from './disentangled-attention.js';
import { describeDistilBert, distilBertModules, embedDistilBert, poolDistilBert } from './distilbert.js';
import { describeElectra, embedElectra, poolElectra } from './electra.js';
import {
  type EncoderConfig,
  type EncoderRun,
  type PostNormConfig,
  runOfLayer,
  type TokenInputs,
} from './encoder-run.js';
import { describeLayer, projection } from './layer-tensors.js';
import { describeTokenPredictor } from './masked-tokens.js';
import {
  describeModernBert,
  describeModernBertPooler,
  embedModernBert,
  finishModernBert,
  modernBertLayer,
  modernBertPlaces,
  poolModernBert,
} from './modernbert.js';
import { describeMpnet, distanceBias, distanceTable, embedMpnet, mpnetModules } from './mpnet.js';
import { type AttentionBiases, firstTokens, type LayerModules, postNormLayer } from './post-norm-layer.js';
import { describeRoberta, embedRoberta, poolRoberta, robertaModules } from './roberta.js';

/**
 * The encoders of Hugging Face's families: embeddings, layers 1 … L, and a pooler over the first token's state. The
 * states after a frozen lower part can be computed once: `statesAfter`, then `runLayers` from its result, is the whole
 * encoder.
 *
 * In the margin: B texts, T tokens, H hidden size, L layers.
 */

/** States of the first token alone [B,H]: exactly those rows of the last layer's states, at a lower cost. */
export function firstTokenStates(
  parameters: Tensors,
  inputs: TokenInputs,
  config: EncoderConfig,
  run: EncoderRun,
): Tensor {
  const embedded = embed(parameters, inputs, config, run); //                      [B·T,H]
  return runLayers(parameters, embedded, inputs.mask, { after: 0, firstOnly: true }, config, run);
}

/** States after the first `layers` layers; after the embeddings for 0: [B·T,H]. */
export function statesAfter(
  parameters: Tensors,
  inputs: TokenInputs,
  layers: number,
  config: EncoderConfig,
  run: EncoderRun,
): Tensor {
  const runLayer = layerOf(parameters, inputs.mask, layers, config);
  let states = embed(parameters, inputs, config, run); //                          [B·T,H]
  for (let layer = 0; layer < layers; layer++) states = runLayer(states, layer, false, runOfLayer(run, layer + 1));
  return layers < config.layers ? states : finish(parameters, states, config);
}

/**
 * Runs the layers that follow the first `after`: the states before them, [B·T,H] or [B,T,H] → the states after the last
 * one, [B·T,H], or [B,H] with `firstOnly`.
 */
export function runLayers(
  parameters: Tensors,
  statesBefore: Tensor,
  mask: Tensor,
  { after, firstOnly }: { readonly after: number; readonly firstOnly: boolean },
  config: EncoderConfig,
  run: EncoderRun,
): Tensor {
  const runLayer = layerOf(parameters, mask, config.layers - after, config);
  let states = statesBefore.rank === 2 ? statesBefore : reshape(statesBefore, [-1, config.hiddenSize]); // [B·T,H]
  if (after === config.layers) return firstOnly ? firstTokens(states, mask.shape[1]!) : states;
  for (let layer = after; layer < config.layers; layer++) {
    const isLast = layer === config.layers - 1;
    states = runLayer(states, layer, isLast && firstOnly, runOfLayer(run, layer + 1));
  }
  return finish(parameters, states, config);
}

/**
 * Applies the family's pooler, as in its `…ForSequenceClassification`, to what it reads, mostly first tokens' states:
 * [N,H] → [N,H].
 */
export function applyPooler(parameters: Tensors, read: Tensor, config: EncoderConfig, run: EncoderRun): Tensor {
  switch (config.architecture) {
    case 'bert':
      return poolBert(parameters, read, run);
    case 'distilbert':
      return poolDistilBert(parameters, read, run);
    case 'roberta':
    case 'xlm-roberta':
    case 'mpnet':
      return poolRoberta(parameters, read, config, run);
    case 'electra':
      return poolElectra(parameters, read, config, run);
    case 'modernbert':
      return poolModernBert(parameters, read, config, run);
    case 'deberta-v2':
      return poolDebertaV2(parameters, read, config, run);
    default:
      return config satisfies never;
  }
}

/**
 * Every tensor of an encoder, in the order of its state dictionary: index 0 the embeddings, 1 … L the layers, then the
 * pooler, last what predicts masked tokens.
 */
export function layersOf(
  config: EncoderConfig,
  { pooler, languageModel = false }: { readonly pooler: boolean; readonly languageModel?: boolean },
): LayerDescription[] {
  const layers = [...describe(config), ...(pooler ? [describePooler(config)] : [])];
  return languageModel ? [...layers, describeTokenPredictor(config, layers.length)] : layers;
}

/** The pooler's layer, which follows the last of the encoder. */
export function describePooler(config: EncoderConfig): LayerDescription {
  const { layers, hiddenSize: H } = config;
  return config.architecture === 'modernbert'
    ? describeModernBertPooler(config)
    : describeLayer(layers + 1, 'pooler', projection(poolerModule, H, H));
}

/** Names of the parameters outside the layers that every layer reads. */
export function readByEveryLayer({ architecture }: EncoderConfig): readonly string[] {
  switch (architecture) {
    case 'mpnet':
      return [distanceTable];
    case 'deberta-v2':
      return [`${debertaDistances}.weight`, `${distanceNorm}.weight`, `${distanceNorm}.bias`];
    default:
      return [];
  }
}

function embed(parameters: Tensors, inputs: TokenInputs, config: EncoderConfig, whole: EncoderRun): Tensor {
  const run = runOfLayer(whole, 0);
  switch (config.architecture) {
    case 'bert':
      return embedBert(parameters, inputs, config, run);
    case 'distilbert':
      return embedDistilBert(parameters, inputs, config, run);
    case 'roberta':
    case 'xlm-roberta':
      return embedRoberta(parameters, inputs, config, run);
    case 'electra':
      return embedElectra(parameters, inputs, config, run);
    case 'mpnet':
      return embedMpnet(parameters, inputs, config, run);
    case 'deberta-v2':
      return embedDebertaV2(parameters, inputs, config, run);
    case 'modernbert':
      return embedModernBert(parameters, inputs, config, run);
    default:
      return config satisfies never;
  }
}

/** One layer, counted from 0: states [B·T,H] → [B·T,H], or [B,H] with `firstOnly`. */
type RunLayer = (states: Tensor, layer: number, firstOnly: boolean, run: EncoderRun) => Tensor;

/** How each of `layers` layers is run, with what they all read made once. */
function layerOf(parameters: Tensors, mask: Tensor, layers: number, config: EncoderConfig): RunLayer {
  if (config.architecture === 'modernbert') {
    const places = modernBertPlaces(mask, config);
    return (states, layer, firstOnly, run) =>
      modernBertLayer(parameters, layer, states, places(layer), firstOnly, config, run);
  }
  const biases = biasesOf(parameters, mask, layers, config);
  return (states, layer, firstOnly, run) =>
    postNormLayer(parameters, modulesOf(config, layer), states, biases, layer + 1, firstOnly, config, run);
}

/** What follows the last layer: the norm of families that have theirs before each layer. */
function finish(parameters: Tensors, states: Tensor, config: EncoderConfig): Tensor {
  return config.architecture === 'modernbert' ? finishModernBert(parameters, states, config) : states;
}

/** What attention of `layers` layers reads beside the states: none needs distances where there are none. */
function biasesOf(parameters: Tensors, mask: Tensor, layers: number, config: PostNormConfig): AttentionBiases {
  const { architecture } = config;
  const T = mask.shape[1]!;
  return {
    padding: paddingBias(mask), //                                                 [B,1,1,T]
    distances: architecture === 'mpnet' && layers > 0 ? distanceBias(parameters, T, config) : null, // [1,A,T,T]
    disentangled: architecture === 'deberta-v2' && layers > 0 ? readDistances(parameters, config) : null,
  };
}

function modulesOf(config: PostNormConfig, layer: number): LayerModules {
  switch (config.architecture) {
    case 'bert':
      return bertModules(layer);
    case 'distilbert':
      return distilBertModules(layer);
    case 'roberta':
    case 'xlm-roberta':
      return robertaModules(layer);
    case 'electra':
      return bertModules(layer);
    case 'mpnet':
      return mpnetModules(layer);
    case 'deberta-v2':
      return debertaV2Modules(layer, config);
    default:
      return config satisfies never;
  }
}

function describe(config: EncoderConfig): LayerDescription[] {
  switch (config.architecture) {
    case 'bert':
      return describeBert(config);
    case 'distilbert':
      return describeDistilBert(config);
    case 'roberta':
    case 'xlm-roberta':
      return describeRoberta(config);
    case 'electra':
      return describeElectra(config);
    case 'mpnet':
      return describeMpnet(config);
    case 'deberta-v2':
      return describeDebertaV2(config);
    case 'modernbert':
      return describeModernBert(config);
    default:
      return config satisfies never;
  }
}
