import { reshape, type Tensor, tanh } from '@tensorflow/tfjs-core';
import type { BertConfig } from '../../src/protocol/architectures/index.js';
import type { LayerDescription } from '../../src/protocol/model-manifest.js';
import { poolerModule } from '../../src/protocol/trained-layers.js';
import type { Tensors } from '../engine/types.js';
import { dropoutRate, type EncoderRun, type TokenInputs } from './encoder-run.js';
import { describeEncoderLayers, describeLayer, normalization, table } from './layer-tensors.js';
import { normalize, project } from './modules.js';
import type { LayerModules } from './post-norm-layer.js';
import { tokenEmbeddings } from './token-embeddings.js';

/**
 * BERT (Devlin et al. 2019, arXiv:1810.04805), and so MiniLM, with the parameter names and layouts of transformers'
 * `BertModel`.
 *
 * In the margin: B texts, T tokens, H hidden size, V vocabulary, K token types.
 */

/** Token, position and type embeddings, normalized: [B,T] → [B·T,H]. */
export function embedBert(parameters: Tensors, inputs: TokenInputs, config: BertConfig, run: EncoderRun): Tensor {
  const sum = tokenEmbeddings(parameters, inputs, 0, config); //                   [B,T,H]
  const rows = reshape(sum, [-1, config.hiddenSize]); //                           [B·T,H]
  const normed = normalize(parameters, 'embeddings.LayerNorm', rows, config.layerNormEpsilon);
  return run.random.dropout(normed, dropoutRate(run, 0, config.hiddenDropout));
}

/** The names of a layer's modules; layers are counted from 0, without the embeddings. */
export function bertModules(layer: number): LayerModules {
  const name = `encoder.layer.${layer}`;
  return {
    query: `${name}.attention.self.query`,
    key: `${name}.attention.self.key`,
    value: `${name}.attention.self.value`,
    attentionOutput: `${name}.attention.output.dense`,
    attentionNorm: `${name}.attention.output.LayerNorm`,
    feedForwardInput: `${name}.intermediate.dense`,
    feedForwardOutput: `${name}.output.dense`,
    feedForwardNorm: `${name}.output.LayerNorm`,
  };
}

/** BERT's own pooler: tanh of a projection of the [CLS] state, [B,H] → [B,H]. */
export function poolBert(parameters: Tensors, first: Tensor, run: EncoderRun): Tensor {
  return tanh(project(parameters, poolerModule, first, run));
}

/** Embeddings and layers, in the order of the state dictionary. */
export function describeBert(config: BertConfig): LayerDescription[] {
  const { vocabularySize: V, hiddenSize: H, maxPositions, tokenTypes: K } = config;
  return [
    describeLayer(0, 'embeddings', [
      ...table('embeddings.word_embeddings', V, H),
      ...table('embeddings.position_embeddings', maxPositions, H),
      ...table('embeddings.token_type_embeddings', K, H),
      ...normalization('embeddings.LayerNorm', H),
    ]),
    ...describeEncoderLayers(config, (layer) => `encoder.layer.${layer}`, bertModules),
  ];
}
