import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import type { Tensors } from '../engine/types.js';
import { paddingBias } from '../nn/attention.js';
import { bertModules, describeBert, embedBert, poolBert } from './bert.js';
import { debertaV2Modules, describeDebertaV2, embedDebertaV2, poolDebertaV2 } from './deberta-v2.js';
import { distanceTable as debertaDistances, distanceNorm, readDistances } from './disentangled-attention.js';
import { describeDistilBert, distilBertModules, embedDistilBert, poolDistilBert } from './distilbert.js';
import { describeElectra, embedElectra, poolElectra } from './electra.js';
import { type EncoderConfig, type EncoderRun, runOfLayer, type TokenInputs } from './encoder-run.js';
import { describePooler } from './layer-tensors.js';
import { describeTokenPredictor } from './masked-tokens.js';
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
  const biases = biasesOf(parameters, inputs.mask, layers, config);
  let states = embed(parameters, inputs, config, run); //                          [B·T,H]
  for (let layer = 0; layer < layers; layer++) {
    const how = runOfLayer(run, layer + 1);
    states = postNormLayer(parameters, modulesOf(config, layer), states, biases, layer + 1, false, config, how);
  }
  return states;
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
  const biases = biasesOf(parameters, mask, config.layers - after, config);
  let states = statesBefore.rank === 2 ? statesBefore : reshape(statesBefore, [-1, config.hiddenSize]); // [B·T,H]
  for (let layer = after; layer < config.layers; layer++) {
    const isLast = layer === config.layers - 1;
    const names = modulesOf(config, layer);
    const how = runOfLayer(run, layer + 1);
    states = postNormLayer(parameters, names, states, biases, layer + 1, isLast && firstOnly, config, how);
  }
  return firstOnly && after === config.layers ? firstTokens(states, mask.shape[1]!) : states;
}

/** Applies the family's pooler, as in its `…ForSequenceClassification`, to first tokens' states: [B,H] → [B,H]. */
export function poolFirstToken(parameters: Tensors, first: Tensor, config: EncoderConfig, run: EncoderRun): Tensor {
  switch (config.architecture) {
    case 'bert':
      return poolBert(parameters, first, run);
    case 'distilbert':
      return poolDistilBert(parameters, first, run);
    case 'roberta':
    case 'xlm-roberta':
    case 'mpnet':
      return poolRoberta(parameters, first, config, run);
    case 'electra':
      return poolElectra(parameters, first, config, run);
    case 'deberta-v2':
      return poolDebertaV2(parameters, first, config, run);
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
    default:
      return config satisfies never;
  }
}

/** What attention of `layers` layers reads beside the states: none needs distances where there are none. */
function biasesOf(parameters: Tensors, mask: Tensor, layers: number, config: EncoderConfig): AttentionBiases {
  const { architecture } = config;
  const T = mask.shape[1]!;
  return {
    padding: paddingBias(mask), //                                                 [B,1,1,T]
    distances: architecture === 'mpnet' && layers > 0 ? distanceBias(parameters, T, config) : null, // [1,A,T,T]
    disentangled: architecture === 'deberta-v2' && layers > 0 ? readDistances(parameters, config) : null,
  };
}

function modulesOf(config: EncoderConfig, layer: number): LayerModules {
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
    default:
      return config satisfies never;
  }
}
