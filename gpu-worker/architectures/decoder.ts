import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { DecoderConfig } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { languageModelHead } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import { placesOf } from './decoder-places.js';
import type { DecoderPlaces } from './decoder-run.js';
import { type EncoderRun, inference, runOfLayer, type TokenInputs } from './encoder-run.js';
import { describeGemma3Text, embedGemma3Text, finishGemma3Text, gemma3TextLayer } from './gemma3-text.js';
import { describeGpt2, embedGpt2, finishGpt2, gpt2Layer } from './gpt2.js';
import { describeLayer, table } from './layer-tensors.js';
import { describeLlama, embedLlama, finishLlama, llamaLayer } from './llama.js';
import { parameter } from './modules.js';

/**
 * The decoders of Hugging Face's families: embeddings, layers 1 … L, of which the last ends in a norm, and logits of
 * the next token. Padding is on the right. `decoderStatesAfter`, then `runDecoderLayers` from its result, is the whole
 * decoder.
 *
 * In the margin: B texts, T tokens, H hidden size, V vocabulary, L layers.
 */

/** States after the first `layers` layers; after the embeddings for 0: [B·T,H]. Rows at padding hold nothing of use. */
export function decoderStatesAfter(
  parameters: Tensors,
  inputs: TokenInputs,
  layers: number,
  config: DecoderConfig,
  run: EncoderRun,
): Tensor {
  const [, T = 0] = inputs.ids.shape;
  const embedded = embed(parameters, inputs, config, runOfLayer(run, 0)); //       [B·T,H]
  const places = placesOf(T, inputs, config);
  return runBetween(parameters, embedded, places, { after: 0, last: layers }, config, run);
}

/** Runs the layers that follow the first `after`: the states before them, [B·T,H] or [B,T,H] → [B·T,H]. */
export function runDecoderLayers(
  parameters: Tensors,
  statesBefore: Tensor,
  T: number,
  after: number,
  config: DecoderConfig,
  run: EncoderRun,
): Tensor {
  const states = statesBefore.rank === 2 ? statesBefore : reshape(statesBefore, [-1, config.hiddenSize]); // [B·T,H]
  return runBetween(parameters, states, placesOf(T, {}, config), { after, last: config.layers }, config, run);
}

/**
 * States of new tokens after the last layer, in inference: [B·T,H].
 *
 * @param placesAt what layer reads of the tokens before, and of the places of the new ones
 */
export function continuedStates(
  parameters: Tensors,
  inputs: Pick<TokenInputs, 'ids' | 'places'>,
  placesAt: (layer: number) => DecoderPlaces,
  config: DecoderConfig,
  run: EncoderRun = inference,
): Tensor {
  const embedded = embed(parameters, inputs, config, run); //                 [B·T,H]
  return runBetween(parameters, embedded, placesAt, { after: 0, last: config.layers }, config, run);
}

/** The table [V,H] whose products with states are the logits of the next token: its own, or that of the embeddings. */
export function nextTokenTable(parameters: Tensors, { architecture }: DecoderConfig): Tensor {
  const own = parameters[`${languageModelHead}.weight`];
  const embeddings = architecture === 'gpt2' ? 'wte.weight' : 'embed_tokens.weight';
  return own ?? parameter(parameters, embeddings);
}

/**
 * Every tensor of a decoder, in the order of its state dictionary: index 0 the embeddings, 1 … L the layers, last the
 * matrix of the next token's logits, where the model has one of its own.
 */
export function decoderLayersOf(
  config: DecoderConfig,
  { languageModel }: { readonly languageModel: boolean },
): LayerDescription[] {
  const { layers, vocabularySize: V, hiddenSize: H } = config;
  const ofHead = languageModel ? [describeLayer(layers + 1, languageModelHead, table(languageModelHead, V, H))] : [];
  return [...describe(config), ...ofHead];
}

function describe(config: DecoderConfig): LayerDescription[] {
  switch (config.architecture) {
    case 'gpt2':
      return describeGpt2(config);
    case 'llama':
    case 'mistral':
      return describeLlama(config);
    case 'qwen2':
      return describeLlama(config, { outputBias: false, headNorms: false });
    case 'qwen3':
      return describeLlama(config, { outputBias: config.attentionBias, headNorms: true });
    case 'gemma3_text':
      return describeGemma3Text(config);
    default:
      return config satisfies never;
  }
}

function runBetween(
  parameters: Tensors,
  embedded: Tensor,
  placesAt: (layer: number) => DecoderPlaces,
  { after, last }: { readonly after: number; readonly last: number },
  config: DecoderConfig,
  run: EncoderRun,
): Tensor {
  if (after >= last) return embedded;
  let states = embedded;
  for (let layer = after; layer < last; layer++) {
    states = runLayer(parameters, layer, states, placesAt(layer), config, runOfLayer(run, layer + 1));
  }
  return last < config.layers ? states : finish(parameters, states, config);
}

function runLayer(
  parameters: Tensors,
  layer: number,
  states: Tensor,
  places: DecoderPlaces,
  config: DecoderConfig,
  run: EncoderRun,
): Tensor {
  switch (config.architecture) {
    case 'gpt2':
      return gpt2Layer(parameters, layer, states, places, config, run);
    case 'llama':
    case 'mistral':
    case 'qwen2':
    case 'qwen3':
      return llamaLayer(parameters, layer, states, places, config, run);
    case 'gemma3_text':
      return gemma3TextLayer(parameters, layer, states, places, config, run);
    default:
      return config satisfies never;
  }
}

function finish(parameters: Tensors, states: Tensor, config: DecoderConfig): Tensor {
  switch (config.architecture) {
    case 'gpt2':
      return finishGpt2(parameters, states, config);
    case 'llama':
    case 'mistral':
    case 'qwen2':
    case 'qwen3':
      return finishLlama(parameters, states, config);
    case 'gemma3_text':
      return finishGemma3Text(parameters, states, config);
    default:
      return config satisfies never;
  }
}

function embed(
  parameters: Tensors,
  inputs: Pick<TokenInputs, 'ids' | 'places'>,
  config: DecoderConfig,
  run: EncoderRun,
): Tensor {
  switch (config.architecture) {
    case 'gpt2':
      return embedGpt2(parameters, inputs, config, run);
    case 'llama':
    case 'mistral':
    case 'qwen2':
    case 'qwen3':
      return embedLlama(parameters, inputs);
    case 'gemma3_text':
      return embedGemma3Text(parameters, inputs, config);
    default:
      return config satisfies never;
  }
}
