import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { languageModelHead } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import type { LogitTable } from '../losses/chunked-cross-entropy.js';
import { type Activation, activate } from './activate.js';
import { type EncoderConfig, inference } from './encoder-run.js';
import { describeLayer, normalization, projection } from './layer-tensors.js';
import { normalize, parameter, project } from './modules.js';

/**
 * What predicts masked tokens in transformers' `BertForMaskedLM`, `DistilBertForMaskedLM` and `RobertaForMaskedLM`: a
 * projection, an activation and a LayerNorm of a token's state, then the product with the table of word embeddings and
 * a bias. The three differ in names and in the activation alone.
 *
 * In the margin: N tokens, H hidden size, V vocabulary.
 */
const modules = {
  dense: `${languageModelHead}.dense`,
  norm: `${languageModelHead}.norm`,
  bias: `${languageModelHead}.bias`,
} as const;

/** States of the last layer as the table of embeddings is multiplied with them: [N,H] → [N,H]. Cost 2·N·H². */
export function transformForTokens(parameters: Tensors, states: Tensor, config: EncoderConfig): Tensor {
  const wide = activate(project(parameters, modules.dense, states, inference), activationOf(config));
  return normalize(parameters, modules.norm, wide, config.layerNormEpsilon);
}

/** The table [V,H] of word embeddings, and the bias [V]. */
export function maskedTokenTable(parameters: Tensors): LogitTable {
  return {
    table: parameter(parameters, 'embeddings.word_embeddings.weight'),
    bias: parameter(parameters, modules.bias),
  };
}

/** The layer of these tensors. @param index the one after the model's last layer, or after its pooler */
export function describeTokenPredictor(
  { hiddenSize: H, vocabularySize: V }: EncoderConfig,
  index: number,
): LayerDescription {
  return describeLayer(index, languageModelHead, [
    ...projection(modules.dense, H, H),
    ...normalization(modules.norm, H),
    { name: modules.bias, shape: [V], dtype: 'F32' },
  ]);
}

/** RoBERTa's is GELU, whatever its configuration says. */
function activationOf({ architecture, activation }: EncoderConfig): Activation {
  return architecture === 'roberta' ? 'gelu' : activation;
}
