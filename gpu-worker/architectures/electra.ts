import { reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { ElectraConfig } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { poolerModule } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import { gelu } from '../nn/gelu.js';
import { bertModules } from './bert.js';
import { dropoutRate, type EncoderRun, type TokenInputs } from './encoder-run.js';
import { describeEncoderLayers, describeLayer, normalization, projection, table } from './layer-tensors.js';
import { normalize, project } from './modules.js';
import { tokenEmbeddings } from './token-embeddings.js';

/**
 * The discriminator of ELECTRA (Clark et al. 2020, arXiv:2003.10555), with the parameter names and layouts of
 * transformers' `ElectraModel`. Its layers are BERT's.
 *
 * In the margin: B texts, T tokens, H hidden size, E width of the embeddings, V vocabulary, K token types.
 */

const projectionName = 'embeddings_project';

/** Token, position and type embeddings, normalized, and projected where E is not H: [B,T] → [B·T,H]. */
export function embedElectra(parameters: Tensors, inputs: TokenInputs, config: ElectraConfig, run: EncoderRun): Tensor {
  const { embeddingSize: E, hiddenSize: H, tokenTypes } = config;
  const sum = tokenEmbeddings(parameters, inputs, 0, { hiddenSize: E, tokenTypes }); // [B,T,E]
  const normed = normalize(parameters, 'embeddings.LayerNorm', reshape(sum, [-1, E]), config.layerNormEpsilon);
  const dropped = run.random.dropout(normed, dropoutRate(run, 0, config.hiddenDropout)); // [B·T,E]
  return E === H ? dropped : project(parameters, projectionName, dropped, run); // [B·T,H]
}

/**
 * The first half of `ElectraClassificationHead`, up to the GELU after its `dense`: dropout, projection, GELU of the
 * first token's state, [B,H] → [B,H].
 */
export function poolElectra(parameters: Tensors, first: Tensor, config: ElectraConfig, run: EncoderRun): Tensor {
  const read = run.random.dropout(first, dropoutRate(run, config.layers + 1, config.classifierDropout));
  return gelu(project(parameters, poolerModule, read, run));
}

/** Embeddings and layers, in the order of the state dictionary. */
export function describeElectra(config: ElectraConfig): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, embeddingSize: E, maxPositions, tokenTypes: K } = config;
  return [
    describeLayer(0, 'embeddings', [
      ...table('embeddings.word_embeddings', V, E),
      ...table('embeddings.position_embeddings', maxPositions, E),
      ...table('embeddings.token_type_embeddings', K, E),
      ...normalization('embeddings.LayerNorm', E),
      ...(E === H ? [] : projection(projectionName, H, E)),
    ]),
    ...describeEncoderLayers(config, (layer) => `encoder.layer.${layer}`, bertModules),
  ];
}
