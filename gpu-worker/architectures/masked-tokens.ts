import type { Tensor } from '@tensorflow/tfjs-core';
import { embeddingWidth } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { languageModelHead } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import type { LogitTable } from '../losses/chunked-cross-entropy.js';
import { type Activation, activate } from './activate.js';
import { type EncoderConfig, inference } from './encoder-run.js';
import { describeLayer, normalization, projection } from './layer-tensors.js';
import { normalize, parameter, project } from './modules.js';

/**
 * What predicts masked tokens in transformers' `…ForMaskedLM`: a projection, an activation and a LayerNorm of a token's
 * state, then the product with the table of word embeddings and a bias. The families differ in names and in the
 * activation, and ELECTRA's embeddings have a width of their own.
 *
 * In the margin: N tokens, H hidden size, E width of the embeddings, V vocabulary.
 */
const modules = {
  dense: `${languageModelHead}.dense`,
  norm: `${languageModelHead}.norm`,
  bias: `${languageModelHead}.bias`,
} as const;

/** States of the last layer as the table of embeddings is multiplied with them: [N,H] → [N,E]. Cost 2·N·H·E. */
export function transformForTokens(parameters: Tensors, states: Tensor, config: EncoderConfig): Tensor {
  const wide = activate(project(parameters, modules.dense, states, inference), activationOf(config));
  return normalize(parameters, modules.norm, wide, config.layerNormEpsilon);
}

/** The table [V,E] of word embeddings, and the bias [V]. */
export function maskedTokenTable(parameters: Tensors): LogitTable {
  return {
    table: parameter(parameters, 'embeddings.word_embeddings.weight'),
    bias: parameter(parameters, modules.bias),
  };
}

/** The layer of these tensors. @param index the one after the model's last layer, or after its pooler */
export function describeTokenPredictor(config: EncoderConfig, index: number): LayerDescription {
  const { hiddenSize: H, vocabularySize: V } = config;
  const E = embeddingWidth(config);
  return describeLayer(index, languageModelHead, [
    ...projection(modules.dense, E, H),
    ...normalization(modules.norm, E),
    { name: modules.bias, shape: [V], dtype: 'F32' },
  ]);
}

/** BERT's and DistilBERT's is that of their layers, the others' is GELU, whatever their configuration says. */
function activationOf({ architecture, activation }: EncoderConfig): Activation {
  return architecture === 'bert' || architecture === 'distilbert' ? activation : 'gelu';
}
