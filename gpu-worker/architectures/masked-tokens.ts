import type { Tensor } from '@tensorflow/tfjs-core';
import { embeddingWidth, traitsOf } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { languageModelHead } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import type { LogitTable } from '../losses/target-chunks.js';
import { type Activation, activate } from './activate.js';
import { type EncoderConfig, type EncoderRun, inference, type PostNormConfig } from './encoder-run.js';
import { describeLayer, normalization, projection } from './layer-tensors.js';
import { modernBertTable, poolModernBert } from './modernbert.js';
import { normalize, parameter, project } from './modules.js';

/**
 * What predicts masked tokens in transformers' `…ForMaskedLM`: a projection, an activation and a LayerNorm of a token's
 * state, then the product with the table of word embeddings and a bias. The families differ in names and in the
 * activation, and ELECTRA's and DeBERTa's embeddings may have a width of their own. ModernBERT's pooler is what comes
 * before the product.
 *
 * In the margin: N tokens, H hidden size, E width of the embeddings, V vocabulary.
 */
const modules = { dense: `${languageModelHead}.dense`, norm: `${languageModelHead}.norm` } as const;

/** The bias of each token's logit, [V]. */
export const tokenBias = `${languageModelHead}.bias`;

/** States of the last layer as the table of embeddings is multiplied with them: [N,H] → [N,E]. Cost 2·N·H·E. */
export function transformForTokens(
  parameters: Tensors,
  states: Tensor,
  config: EncoderConfig,
  run: EncoderRun,
): Tensor {
  if (config.architecture === 'modernbert') return poolModernBert(parameters, states, config, run);
  const wide = activate(project(parameters, modules.dense, states, inference), activationOf(config));
  return normalize(parameters, modules.norm, wide, config.layerNormEpsilon);
}

/** The table [V,E] of word embeddings, and the bias [V]. */
export function maskedTokenTable(parameters: Tensors, { architecture }: EncoderConfig): LogitTable {
  const table = architecture === 'modernbert' ? modernBertTable : 'embeddings.word_embeddings';
  return {
    table: parameter(parameters, `${table}.weight`),
    bias: parameter(parameters, tokenBias),
  };
}

/** The layer of these tensors. @param index the one after the model's last layer, or after its pooler */
export function describeTokenPredictor(config: EncoderConfig, index: number): LayerDescription {
  const { hiddenSize: H, vocabularySize: V } = config;
  const E = embeddingWidth(config);
  const isAfterPooler = traitsOf(config).poolsAll === true;
  return describeLayer(index, languageModelHead, [
    ...(isAfterPooler ? [] : [...projection(modules.dense, E, H), ...normalization(modules.norm, E)]),
    { name: tokenBias, shape: [V], dtype: 'F32' },
  ]);
}

/** That of the layers with BERT, DistilBERT and DeBERTa; with the others GELU, whatever their configuration says. */
function activationOf({ architecture, activation }: PostNormConfig): Activation {
  return architecture === 'bert' || architecture === 'distilbert' || architecture === 'deberta-v2'
    ? activation
    : 'gelu';
}
