import { reshape, type Tensor, tanh } from '@tensorflow/tfjs-core';
import type { RobertaConfig, XlmRobertaConfig } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { poolerModule } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import { bertModules } from './bert.js';
import { dropoutRate, type EncoderRun, type PostNormConfig, type TokenInputs } from './encoder-run.js';
import { describeEncoderLayers, describeLayer, normalization, table } from './layer-tensors.js';
import { normalize, project } from './modules.js';
import type { LayerModules } from './post-norm-layer.js';
import { tokenEmbeddings } from './token-embeddings.js';

/**
 * RoBERTa (Liu et al. 2019, arXiv:1907.11692), with the parameter names and layouts of transformers' `RobertaModel`.
 * XLM-RoBERTa computes the same. Its layers are BERT's; positions and what a classifier reads are its own.
 */

/**
 * Token, position and type embeddings, normalized: [B,T] → [B·T,H]. Positions count from padTokenId + 1, over tokens
 * alone: with padding on the right, the t-th token has padTokenId + 1 + t. RoBERTa's own tokenizers give no types:
 * then all tokens are of type 0, those of a pair's second text included.
 */
export function embedRoberta(
  parameters: Tensors,
  inputs: TokenInputs,
  config: RobertaConfig | XlmRobertaConfig,
  run: EncoderRun,
): Tensor {
  const sum = tokenEmbeddings(parameters, inputs, config.padTokenId + 1, config); // [B,T,H]
  const rows = reshape(sum, [-1, config.hiddenSize]); //                           [B·T,H]
  const normed = normalize(parameters, 'embeddings.LayerNorm', rows, config.layerNormEpsilon);
  return run.random.dropout(normed, dropoutRate(run, 0, config.hiddenDropout));
}

/** The names of a layer's modules; layers are counted from 0, without the embeddings. */
export const robertaModules: (layer: number) => LayerModules = bertModules;

/**
 * The first half of `RobertaClassificationHead`, up to the tanh after its `dense`: dropout, projection, tanh of the
 * first token's state, [B,H] → [B,H]. Dropout and the head follow it, as in every family. MPNet's is the same.
 */
export function poolRoberta(parameters: Tensors, first: Tensor, config: PostNormConfig, run: EncoderRun): Tensor {
  const read = run.random.dropout(first, dropoutRate(run, config.layers + 1, config.classifierDropout));
  return tanh(project(parameters, poolerModule, read, run));
}

/** Embeddings and layers, in the order of the state dictionary. */
export function describeRoberta(config: RobertaConfig | XlmRobertaConfig): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, maxPositions, tokenTypes } = config;
  return [
    describeLayer(0, 'embeddings', [
      ...table('embeddings.word_embeddings', V, H),
      ...table('embeddings.position_embeddings', maxPositions, H),
      ...table('embeddings.token_type_embeddings', tokenTypes, H),
      ...normalization('embeddings.LayerNorm', H),
    ]),
    ...describeEncoderLayers(config, (layer) => `encoder.layer.${layer}`, robertaModules),
  ];
}
